import { type AnswerCandidate, type SpeedStatistic, speedOf } from './candidate.ts';

/** The default speed: a round number near the median of the measured speeds. */
export function roundSpeed(
  points: readonly Pick<AnswerCandidate, 'metric'>[],
  statistic: SpeedStatistic,
): number {
  // A typed array sorts numbers several times faster than a list with a comparison function.
  const speeds = Float64Array.from(points.flatMap((point) => speedOf(point, statistic)?.value ?? [])).sort();
  const middle = speeds[Math.floor(speeds.length / 2)] ?? 50;
  const step = 10 ** Math.floor(Math.log10(middle));
  return Number((Math.max(1, Math.floor(middle / step)) * step).toPrecision(2));
}
