/** Set by the slow suite: the factor by which its tests run more examples than `npm test`. */
export const runsFactorVariable = 'TEST_RUNS_FACTOR';

/** Whether this is the slow suite, in which files of `npm test` also run tests that take minutes. */
export const isThorough = process.env[runsFactorVariable] !== undefined;

/** The number of examples for a test that runs `count` in `npm test`. */
export function runs(count: number): number {
  return count * Number(process.env[runsFactorVariable] ?? 1);
}
