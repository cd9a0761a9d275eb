import type { PointDocument } from '../../../../src/server/api.ts';

/** The source of a point that was not measured here. */
export function Origin({ origin: { source, runUrl, mark } }: Pick<PointDocument, 'origin'>) {
  if (runUrl === null && mark === null) return null;
  return (
    <p data-origin={source}>
      {mark !== null && <strong>{mark}</strong>}
      {mark !== null && ` from the ${source} project`}
      {runUrl !== null && (
        <>
          {mark === null ? '' : ', '}
          <a href={runUrl} rel="noreferrer">
            page of the CI run
          </a>
        </>
      )}
    </p>
  );
}
