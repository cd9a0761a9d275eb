import { Random } from '../random.ts';
import { type Stage, timeOfCount } from './rate-profile.ts';

export { meanRate, type Stage } from './rate-profile.ts';

/** When requests are sent, whatever the server does: an open loop. */
export type ArrivalSpec =
  /** Gaps of a gamma distribution: burstiness 1 is Poisson, below 1 burstier, Infinity evenly spaced. */
  | { readonly kind: 'rate'; readonly stages: readonly Stage[]; readonly burstiness: number }
  /** As a recorded trace says, milliseconds from its start, ascending. */
  | { readonly kind: 'trace'; readonly timestampsMs: readonly number[] };

/** The scheduled send of each request, milliseconds from the start, ascending; the same seed gives the same times. */
export function arrivalTimesMs(spec: ArrivalSpec, count: number, seed: number): Float64Array {
  if (spec.kind === 'trace')
    return Float64Array.from({ length: count }, (_, index) => spec.timestampsMs[index] ?? 0);
  const random = new Random(seed ^ 0xa441);
  let expected = 0;
  return Float64Array.from({ length: count }, (_, index) => {
    if (index > 0) expected += unitGap(random, spec.burstiness);
    return 1000 * timeOfCount(spec.stages, expected);
  });
}

/** A gap of mean 1. */
function unitGap(random: Random, burstiness: number): number {
  if (!Number.isFinite(burstiness)) return 1;
  return burstiness === 1 ? random.exponential(1) : random.gamma(burstiness, 1 / burstiness);
}
