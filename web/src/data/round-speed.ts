import { type AnswerCandidate, type SpeedStatistic, speedOf } from '../../../src/derived/candidate.ts';

const known = new WeakMap<readonly AnswerCandidate[], Map<SpeedStatistic, number>>();

/** A round speed in the middle of what was measured, for the first look; worked out once for the same points. */
export function roundSpeed(points: readonly AnswerCandidate[], statistic: SpeedStatistic): number {
  const ofPoints = known.get(points) ?? new Map<SpeedStatistic, number>();
  known.set(points, ofPoints);
  const speed = ofPoints.get(statistic) ?? middleSpeed(points, statistic);
  ofPoints.set(statistic, speed);
  return speed;
}

function middleSpeed(points: readonly AnswerCandidate[], statistic: SpeedStatistic): number {
  // Numbers alone sort several times as fast as by a comparison.
  const speeds = Float64Array.from(points.flatMap((point) => speedOf(point, statistic)?.value ?? [])).sort();
  const middle = speeds[Math.floor(speeds.length / 2)] ?? 50;
  const step = 10 ** Math.floor(Math.log10(middle));
  return Number((Math.max(1, Math.floor(middle / step)) * step).toPrecision(2));
}
