import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { twoSidedP, twoSidedT } from './student-t.ts';

describe("Student's t", () => {
  // Tables of the t distribution.
  test.each([
    [12.7062, 1, 0.05],
    [4.302_65, 2, 0.05],
    [2.228_139, 10, 0.05],
    [3.169_273, 10, 0.01],
    [2.042_272, 30, 0.05],
    [1.959_964, Number.POSITIVE_INFINITY, 0.05],
    [0, 7, 1],
  ])('t = %d with %d degrees of freedom has p = %d', (t, df, p) => {
    expect(twoSidedP(t, df)).toBeCloseTo(p, 5);
    expect(twoSidedP(-t, df)).toBeCloseTo(p, 5);
  });

  test('twoSidedT is the inverse of twoSidedP', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 0.999, noNaN: true }),
        fc.integer({ min: 1, max: 500 }),
        (p, df) => {
          expect(twoSidedP(twoSidedT(p, df), df)).toBeCloseTo(p, 6);
        },
      ),
    );
  });
});
