import type { PointDocument } from '../../../../src/server/api.ts';

/** The traces of the engine's profiler, and how to open them. */
export function Profile({ point: { profileFiles } }: { readonly point: PointDocument }) {
  if (profileFiles.length === 0) return null;
  return (
    <section class="card">
      <h2>Profile of the engine</h2>
      <p>
        The engine’s profiler was on during this test and slowed it. To look at a trace, open{' '}
        <a href="https://ui.perfetto.dev" rel="noreferrer">
          ui.perfetto.dev
        </a>{' '}
        and choose the file with “Open trace file”; it stays on your machine.
      </p>
      <ul class="traces" aria-label="Traces">
        {profileFiles.map(({ name, url }) => (
          <li key={name}>
            {url === null ? (
              <code>{name}</code>
            ) : (
              <a href={url} download={name}>
                {name}
              </a>
            )}
          </li>
        ))}
      </ul>
      {profileFiles.some(({ url }) => url === null) && (
        <p class="quiet">
          Traces without a link are on the machine that measured the point, in <code>profiles/</code> of the
          run directory or beside the saved result.
        </p>
      )}
    </section>
  );
}
