import type { FailureRule } from '../failures/index.ts';

/** Waits are drawn from this share around the rule's, so that sessions that failed together do not come back together. */
const jitterShare = 0.25;

/**
 * The wait before the next try after so many failures of a class in a row, seconds.
 * @param draw From 0 to 1.
 */
export function backOffS(
  { backoffS, mostBackoffS = backoffS }: Pick<FailureRule, 'backoffS' | 'mostBackoffS'>,
  failures: number,
  draw: number,
): number {
  const wait = Math.min(backoffS * 2 ** Math.max(0, failures - 1), mostBackoffS);
  return wait * (1 + jitterShare * (2 * draw - 1));
}
