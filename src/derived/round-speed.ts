import { type AnswerCandidate, type SpeedStatistic, speedOf } from './candidate.ts';

/** A round speed in the middle of what was measured, for who has not asked for one yet. */
export function roundSpeed(
  points: readonly Pick<AnswerCandidate, 'metric'>[],
  statistic: SpeedStatistic,
): number {
  // Numbers alone sort several times as fast as by a comparison.
  const speeds = Float64Array.from(points.flatMap((point) => speedOf(point, statistic)?.value ?? [])).sort();
  const middle = speeds[Math.floor(speeds.length / 2)] ?? 50;
  const step = 10 ** Math.floor(Math.log10(middle));
  return Number((Math.max(1, Math.floor(middle / step)) * step).toPrecision(2));
}
