import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backOffS } from './back-off.ts';

const rule = { firstS: 60, longestS: 600 };

test('each wait doubles, up to the longest', () => {
  expect([1, 2, 3, 4, 5, 6].map((failures) => backOffS(rule, failures, 0.5))).toEqual([
    60, 120, 240, 480, 600, 600,
  ]);
  const even = { firstS: 30, longestS: 30 };
  expect([1, 2, 3].map((failures) => backOffS(even, failures, 0.5))).toEqual([30, 30, 30]);
});

test('two clients that fail together retry at different times, close to the nominal wait', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (failures, draw) => {
        const wait = backOffS(rule, failures, draw);
        const middle = backOffS(rule, failures, 0.5);
        expect(wait).toBeGreaterThanOrEqual(0.75 * middle);
        expect(wait).toBeLessThanOrEqual(1.25 * middle);
      },
    ),
  );
  expect(backOffS(rule, 1, 0)).not.toBe(backOffS(rule, 1, 1));
});

test('without a wait, the retry is immediate', () => {
  expect(backOffS({ firstS: 0, longestS: 0 }, 3, 1)).toBe(0);
});
