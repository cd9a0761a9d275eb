import type { ComponentChildren } from 'preact';
import type { DocumentError } from '../data/source.ts';
import { type Loaded, shownOf } from '../data/use-loaded.ts';

/** Shows a loaded value; until then it reserves the space, and after an error it says what to do. */
export function Ready<Value>({
  of,
  height,
  children,
}: {
  readonly of: Loaded<Value>;
  /** Height in pixels to reserve while loading, so that nothing below moves. */
  readonly height: number;
  readonly children: (value: Value) => ComponentChildren;
}) {
  if (of.state === 'failed') return <Failed error={of.error} retry={of.retry} />;
  const value = shownOf(of);
  if (value === undefined) return <Loading height={height} />;
  return (
    <div aria-busy={of.state === 'loading'} class={of.state === 'loading' ? 'busy' : ''}>
      {children(value)}
    </div>
  );
}

export function Loading({ height }: { readonly height: number }) {
  return (
    <div class="loading" style={{ minHeight: `${height}px` }} role="status">
      <span>Loading…</span>
    </div>
  );
}

export function Failed({ error, retry }: { readonly error: DocumentError; retry(): void }) {
  const advice = {
    missing:
      'It may have been removed, or this address belongs to another store. Go back to the overview and choose again.',
    unreachable: 'Is the server still running, and are you connected? Then try again.',
    damaged:
      'Publish the site again, or update the server: the page and its data must come from one version.',
  }[error.kind];
  return (
    <div class="message" role="alert">
      <h1>{error.kind === 'missing' ? 'There is no such data' : 'The data could not be loaded'}</h1>
      <p>{error.message}.</p>
      <p>{advice}</p>
      <p class="row">
        <button type="button" class="primary" onClick={retry}>
          Try again
        </button>
        <a href="#/">Overview</a>
      </p>
    </div>
  );
}

/** A message in place of the requested content. As the whole page it has the page's heading. */
export function Notice({
  title,
  isPage = false,
  children,
}: {
  readonly title: string;
  readonly isPage?: boolean;
  readonly children: ComponentChildren;
}) {
  const Heading = isPage ? 'h1' : 'h2';
  return (
    <div class="message" role="status">
      <Heading>{title}</Heading>
      {children}
    </div>
  );
}

/** What an empty store shows: how to get the first number. */
export function NoMeasurements() {
  return (
    <Notice title="Nothing has been measured yet" isPage>
      <p>
        Run <code>npm run quickstart</code> for a first measurement on this machine, or{' '}
        <code>inferencemax store ingest RUN_DIRECTORY</code> to take in a run that you have. Then load this
        page again.
      </p>
    </Notice>
  );
}
