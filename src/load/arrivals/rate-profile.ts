/** A stretch of time in which requests come at a rate, or at one that goes evenly from one value to another. */
export interface Stage {
  /** Requests per second at its end, and all through it without `fromRate`. */
  readonly rate: number;
  readonly fromRate?: number;
  /** The last stage goes on at its end rate for as long as there are requests. */
  readonly durationS: number;
}

/**
 * When the expected number of requests reaches `count`, seconds: the inverse of the integral of the rate. Gaps of a
 * unit-rate process mapped through it follow the profile (an inhomogeneous process by time change).
 */
export function timeOfCount(stages: readonly Stage[], count: number): number {
  let left = count;
  let atS = 0;
  let endRate = 0;
  for (const { rate, fromRate = rate, durationS } of stages) {
    const inStage = ((fromRate + rate) / 2) * durationS;
    if (left <= inStage) return atS + timeWithin(fromRate, rate, durationS, left);
    left -= inStage;
    atS += durationS;
    endRate = rate;
  }
  return endRate > 0 ? atS + left / endRate : Number.POSITIVE_INFINITY;
}

/** Solves fromRate·t + slope·t²/2 = count for t, in the form that is stable for a slope of 0. */
function timeWithin(fromRate: number, rate: number, durationS: number, count: number): number {
  if (count === 0) return 0;
  const slope = Number.isFinite(durationS) ? (rate - fromRate) / durationS : 0;
  return (2 * count) / (fromRate + Math.sqrt(Math.max(0, fromRate * fromRate + 2 * slope * count)));
}
