/** The slow suite sets it: how many times as many examples its tests draw as those of `npm test`. */
export const runsFactorVariable = 'TEST_RUNS_FACTOR';

/** Whether this is the slow suite, which also does what takes minutes in files of `npm test`. */
export const isThorough = process.env[runsFactorVariable] !== undefined;

/** How many examples a test draws that draws `count` in `npm test`. */
export function runs(count: number): number {
  return count * Number(process.env[runsFactorVariable] ?? 1);
}
