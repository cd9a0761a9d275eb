import { expect, test } from 'vitest';
import { arrivalWords } from './arrival-words.ts';

test('each of the three states is said, with the p99 gap if it is known', () => {
  expect(arrivalWords({ state: 'smooth', gapMs: 30 })).toBe('tokens arrive smoothly: p99 gap 30\u00a0ms');
  expect(arrivalWords({ state: 'bursts', gapMs: 3762 })).toBe('tokens arrive in bursts: p99 gap 3.76\u00a0s');
  expect(arrivalWords({ state: 'unknown' })).toBe('not known how tokens arrive');
});
