import type { PointStory, Saving, SessionStory } from './types.ts';

/** What skipping points saved; undefined if none were skipped. */
export function savingOf(sessions: readonly SessionStory[]): Saving | undefined {
  const skipped = sessions.flatMap((session) =>
    session.points.filter(({ state }) => state === 'skipped').map((point) => ({ point, session })),
  );
  if (skipped.length === 0) return undefined;
  const measured = sessions.flatMap(({ points }) => points.filter(({ tookS }) => tookS !== undefined));
  const started = sessions.filter(({ starts }) => starts > 0);
  const loadS = mean(started.map(({ loadingS, starts }) => loadingS / starts));
  const notStarted = sessions.filter(
    ({ starts, points }) => starts === 0 && points.every(({ state }) => state === 'skipped'),
  );
  const saved = [
    ...skipped.map(({ point, session }) => [tookAbout(point, measured), session] as const),
    ...notStarted.map((session) => [loadS, session] as const),
  ];
  return {
    points: skipped.length,
    starts: notStarted.length,
    engineS: saved.reduce((sum, [seconds]) => sum + seconds, 0),
    acceleratorHours: saved.reduce(
      (sum, [seconds, { accelerators }]) => sum + (seconds * accelerators) / 3600,
      0,
    ),
  };
}

/**
 * The mean of the nearest measured concurrencies below and above with the same shape, or else of all measured
 * points.
 */
function tookAbout({ isl, osl, conc }: PointStory, measured: readonly PointStory[]): number {
  const alike = measured
    .filter((point) => point.isl === isl && point.osl === osl)
    .toSorted((a, b) => a.conc - b.conc);
  const around = [
    alike.findLast((point) => point.conc < conc),
    alike.find((point) => point.conc > conc),
  ].flatMap((point) => point?.tookS ?? []);
  return mean(around.length > 0 ? around : measured.map(({ tookS = 0 }) => tookS));
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
