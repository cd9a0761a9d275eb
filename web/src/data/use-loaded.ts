import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { DocumentAt } from '../../../src/server/api.ts';
import { DocumentError, loadDocument } from './source.ts';

/** Something on its way. `stale` is what was shown before, so that a view does not collapse while the next one comes. */
export type Loaded<Value> =
  | { readonly state: 'loading'; readonly stale: Value | undefined }
  | { readonly state: 'ready'; readonly value: Value }
  | { readonly state: 'failed'; readonly error: DocumentError; retry(): void };

/** Loads what a key names and follows the key as it changes; nothing is loaded while it is undefined. */
export function useLoaded<Value>(key: string | undefined, load: () => Promise<Value>): Loaded<Value> {
  const [{ of, loaded }, setState] = useState<{ of: string | undefined; loaded: Loaded<Value> }>({
    of: undefined,
    loaded: { state: 'loading', stale: undefined },
  });
  const [attempt, setAttempt] = useState(0);
  const loader = useRef(load);
  loader.current = load;
  useEffect(() => {
    if (key === undefined) return;
    let wanted = true;
    const set = (next: (before: Loaded<Value>) => Loaded<Value>) =>
      wanted && setState((before) => ({ of: key, loaded: next(before.loaded) }));
    set((before) => ({ state: 'loading', stale: shownOf(before) }));
    loader.current().then(
      (value) => set(() => ({ state: 'ready', value })),
      (error: unknown) =>
        set(() => ({
          state: 'failed',
          error: error instanceof DocumentError ? error : new DocumentError('damaged', String(error)),
          retry: () => setAttempt(attempt + 1),
        })),
    );
    return () => {
      wanted = false;
    };
  }, [key, attempt]);
  // In the drawing that changes the key, what is there is still what the key before it named.
  return useMemo(
    () => (of === key ? loaded : { state: 'loading', stale: shownOf(loaded) }),
    [of, key, loaded],
  );
}

export function useDocument<Path extends string>(path: Path | undefined): Loaded<DocumentAt<Path>> {
  return useLoaded(path, () => loadDocument(path ?? ('' as Path)));
}

/** What to show: what is there, or what was shown before while the next one comes. */
export function shownOf<Value>(loaded: Loaded<Value>): Value | undefined {
  if (loaded.state === 'ready') return loaded.value;
  return loaded.state === 'loading' ? loaded.stale : undefined;
}
