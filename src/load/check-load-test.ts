import { problemsOfArrivals } from './arrivals/index.ts';
import { LoadError } from './load-error.ts';
import { arrivalsOf, hasBound, type LoadTest } from './load-test.ts';
import { problemsOfRequests } from './request-problems.ts';

/** Contradictions between the settings of a test's end. */
export function problemsOfEnding(
  test: Pick<
    LoadTest,
    | 'arrivals'
    | 'requestRate'
    | 'burstiness'
    | 'maxConcurrency'
    | 'durationS'
    | 'warmupS'
    | 'cooldownS'
    | 'concurrencyRampS'
    | 'stopWhen'
  > & { readonly unbounded?: boolean },
): string[] {
  const { durationS, warmupS = 0, cooldownS = 0, concurrencyRampS, stopWhen } = test;
  const isOpenLoop = arrivalsOf(test) !== undefined;
  const problems: string[] = [];
  if (!(warmupS >= 0 && cooldownS >= 0)) problems.push('warm-up and cool-down must be 0 s or more');
  if (durationS === undefined && warmupS + cooldownS > 0)
    problems.push('warm-up and cool-down by time need a duration');
  if (durationS !== undefined && !(warmupS + cooldownS < durationS))
    problems.push(
      `warm-up and cool-down take ${warmupS + cooldownS} s, all of the duration of ${durationS} s`,
    );
  if (concurrencyRampS !== undefined && (isOpenLoop || !hasBound(test)))
    problems.push('a ramp of concurrency needs a maximum concurrency, and no request rate');
  if (stopWhen?.saturated === true && !isOpenLoop)
    problems.push('only a test at a request rate can be saturated: a closed loop waits for the server');
  return problems;
}

/** Throws LoadError `bad-test` that lists all invalid settings. */
export function checkLoadTest(test: LoadTest): void {
  const problems: string[] = [];
  const positiveInteger = (name: keyof LoadTest & string): void => {
    const value = test[name];
    if (!(typeof value === 'number' && Number.isInteger(value) && value > 0)) {
      problems.push(`${name} must be a whole number above 0, not ${String(value)}`);
    }
  };
  const positive = (name: keyof LoadTest & string): void => {
    const value = test[name];
    if (!(typeof value === 'number' && value > 0))
      problems.push(`${name} must be above 0, not ${String(value)}`);
  };
  positiveInteger('numPrompts');
  if (test.maxConcurrency !== Number.POSITIVE_INFINITY) positiveInteger('maxConcurrency');
  else if (arrivalsOf(test) === undefined) {
    problems.push('set maxConcurrency or requestRate: without both, all prompts would be sent at once');
  }
  const { share = 1 } = test.questions ?? {};
  if (!(share > 0 && share <= 1))
    problems.push(`the share of questions must be above 0 and at most 1, not ${share}`);
  positive('requestRate');
  positive('burstiness');
  positive('stallTimeoutS');
  positive('connectTimeoutS');
  if (test.requestTimeoutS !== undefined) positive('requestTimeoutS');
  for (const name of ['cacheBlockTokens', 'cacheTokens'] as const) {
    if (test[name] !== undefined) positiveInteger(name);
  }
  if (test.profileS !== undefined) positive('profileS');
  if (test.threads !== undefined) positiveInteger('threads');
  if (test.durationS !== undefined) positive('durationS');
  if (test.concurrencyRampS !== undefined) positive('concurrencyRampS');
  problems.push(...problemsOfEnding(test));
  if (!Number.isInteger(test.warmupRequests) || test.warmupRequests < 0) {
    problems.push(`warmupRequests must be a whole number, 0 or more, not ${test.warmupRequests}`);
  }
  problems.push(...problemsOfRequests(test));
  if (test.arrivals !== undefined) problems.push(...problemsOfArrivals(test.arrivals, test.numPrompts));
  for (const percentile of test.percentiles ?? []) {
    if (!(percentile > 0 && percentile <= 100))
      problems.push(`percentiles must be in (0, 100], not ${percentile}`);
  }
  if (problems.length > 0) throw new LoadError('bad-test', problems.join('; '));
}
