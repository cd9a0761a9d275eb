import { type AnswerCandidate, type SpeedStatistic, speedOf } from '../../../src/derived/candidate.ts';

/** A round speed in the middle of what was measured, for the first look. */
export function roundSpeed(points: readonly AnswerCandidate[], statistic: SpeedStatistic): number {
  const speeds = points.flatMap((point) => speedOf(point, statistic)?.value ?? []).toSorted((a, b) => a - b);
  const middle = speeds[Math.floor(speeds.length / 2)] ?? 50;
  const step = 10 ** Math.floor(Math.log10(middle));
  return Number((Math.max(1, Math.floor(middle / step)) * step).toPrecision(2));
}
