import { problemsOfArrivals } from './arrivals/index.ts';
import { LoadError } from './load-error.ts';
import { arrivalsOf, type LoadTest } from './load-test.ts';
import { problemsOfRequests } from './request-problems.ts';

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
