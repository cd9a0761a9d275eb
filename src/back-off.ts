/** Waits that grow: the first, and the longest. */
export interface BackOff {
  readonly firstS: number;
  readonly longestS: number;
}

/** Waits are drawn from this share around the rule's, so that what failed together does not come back together. */
const jitterShare = 0.25;

/**
 * The wait before the next try after so many failures in a row, seconds: twice as long each time.
 * @param draw From 0 to 1.
 */
export function backOffS({ firstS, longestS }: BackOff, failures: number, draw: number): number {
  const wait = Math.min(firstS * 2 ** Math.max(0, failures - 1), longestS);
  return wait * (1 + jitterShare * (2 * draw - 1));
}
