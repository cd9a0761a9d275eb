/** Growing waits: the first and the longest. */
export interface BackOff {
  readonly firstS: number;
  readonly longestS: number;
}

/** Waits vary by this share around the nominal value, so that clients that failed together do not retry together. */
const jitterShare = 0.25;

/**
 * The wait before the next try after a number of consecutive failures, seconds; it doubles each time.
 * @param draw A random number from 0 to 1.
 */
export function backOffS({ firstS, longestS }: BackOff, failures: number, draw: number): number {
  const wait = Math.min(firstS * 2 ** Math.max(0, failures - 1), longestS);
  return wait * (1 + jitterShare * (2 * draw - 1));
}
