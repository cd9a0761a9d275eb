import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { DocumentAt } from '../../../src/server/api.ts';
import { DocumentError, documentNow, loadDocument } from './source.ts';

/** A value that is being loaded. `stale` is the previous value, so that a view does not collapse meanwhile. */
export type Loaded<Value> =
  | { readonly state: 'loading'; readonly stale: Value | undefined }
  | { readonly state: 'ready'; readonly value: Value }
  | { readonly state: 'failed'; readonly error: DocumentError; retry(): void };

/**
 * Loads what a key names, and again when the key changes; nothing while it is undefined. A value that `now` already has
 * is in the first render.
 */
export function useLoaded<Value>(
  key: string | undefined,
  load: () => Promise<Value>,
  now: () => Value | undefined = () => undefined,
): Loaded<Value> {
  // In the render that changes the key, the state still belongs to the previous key.
  const [{ of, loaded }, setState] = useState<{ of: string | undefined; loaded: Loaded<Value> }>({
    of: undefined,
    loaded: { state: 'loading', stale: undefined },
  });
  const [attempt, setAttempt] = useState(0);
  const loader = useRef(load);
  loader.current = load;
  const shown = useRef<Value>(undefined);
  const here = useMemo(() => (key === undefined || of === key ? undefined : now()), [key, of]);
  useEffect(() => {
    if (key === undefined || here !== undefined) return;
    let wanted = true;
    const set = (next: Loaded<Value>) => wanted && setState({ of: key, loaded: next });
    if (attempt > 0) set({ state: 'loading', stale: shown.current });
    loader.current().then(
      (value) => set({ state: 'ready', value }),
      (error: unknown) =>
        set({
          state: 'failed',
          error: error instanceof DocumentError ? error : new DocumentError('damaged', String(error)),
          retry: () => setAttempt(attempt + 1),
        }),
    );
    return () => {
      wanted = false;
    };
  }, [key, attempt]);
  const result = useMemo((): Loaded<Value> => {
    if (here !== undefined) return { state: 'ready', value: here };
    return of === key ? loaded : { state: 'loading', stale: shown.current };
  }, [of, key, loaded, here]);
  shown.current = shownOf(result) ?? shown.current;
  return result;
}

export function useDocument<Path extends string>(path: Path | undefined): Loaded<DocumentAt<Path>> {
  return useLoaded(
    path,
    () => loadDocument(path ?? ('' as Path)),
    () => documentNow(path ?? ('' as Path)),
  );
}

/** The loaded value, or the previous one while the next is being loaded. */
export function shownOf<Value>(loaded: Loaded<Value>): Value | undefined {
  if (loaded.state === 'ready') return loaded.value;
  return loaded.state === 'loading' ? loaded.stale : undefined;
}
