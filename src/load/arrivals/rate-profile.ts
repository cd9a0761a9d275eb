/** A period with a constant rate, or one that changes from one value to another. */
export interface Stage {
  /** Requests per second at its end, and throughout if there is no `fromRate`. */
  readonly rate: number;
  readonly fromRate?: number;
  /** How the rate changes from `fromRate` to `rate`: linearly (the default) or exponentially. */
  readonly shape?: 'linear' | 'exponential';
  /** The last stage continues at its final rate until all requests are sent. */
  readonly durationS: number;
}

/**
 * When the expected number of requests reaches `count`, in seconds: the inverse of the integral of the rate. Mapping a
 * unit-rate process through it yields arrivals that follow the profile (an inhomogeneous process by time change).
 */
export function timeOfCount(stages: readonly Stage[], count: number): number {
  let left = count;
  let atS = 0;
  let endRate = 0;
  for (const stage of stages) {
    const inStage = meanRate(stage) * stage.durationS;
    if (left <= inStage) return atS + timeWithin(stage, left);
    left -= inStage;
    atS += stage.durationS;
    endRate = stage.rate;
  }
  return endRate > 0 ? atS + left / endRate : Number.POSITIVE_INFINITY;
}

/** Mean requests per second over a stage. */
export function meanRate({ rate, fromRate = rate, shape }: Stage): number {
  const exponent = shape === 'exponential' ? Math.log(rate / fromRate) : 0;
  return exponent === 0 ? (fromRate + rate) / 2 : (rate - fromRate) / exponent;
}

/** When a stage reaches `count` requests, in seconds from its start. */
function timeWithin({ rate, fromRate = rate, durationS, shape }: Stage, count: number): number {
  if (count === 0) return 0;
  const exponent = shape === 'exponential' ? Math.log(rate / fromRate) : 0;
  if (exponent !== 0 && Number.isFinite(durationS)) {
    // Solves fromRate·d/k·(e^(k·t/d) − 1) = count for t, with exponent k and duration d.
    return (durationS / exponent) * Math.log1p((count * exponent) / (fromRate * durationS));
  }
  // Solves fromRate·t + slope·t²/2 = count for t, in the form that is stable for a slope of 0.
  const slope = Number.isFinite(durationS) ? (rate - fromRate) / durationS : 0;
  return (2 * count) / (fromRate + Math.sqrt(Math.max(0, fromRate * fromRate + 2 * slope * count)));
}
