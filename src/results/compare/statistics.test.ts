import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { adjustedPs, pooledVariance, twoSidedP, twoSidedT } from './statistics.ts';

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

describe('adjustedPs', () => {
  test('is what Benjamini and Hochberg say, in the order given', () => {
    const adjusted = adjustedPs([0.01, 0.04, 0.03, 0.005]);
    for (const [index, p] of [0.02, 0.04, 0.04, 0.02].entries()) expect(adjusted[index]).toBeCloseTo(p, 12);
    expect(adjustedPs([])).toEqual([]);
  });

  test('never makes a p smaller, and keeps their order', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (ps) => {
        const adjusted = adjustedPs(ps);
        for (const [index, p] of ps.entries()) {
          expect(adjusted[index]).toBeGreaterThanOrEqual(p);
          expect(adjusted[index]).toBeLessThanOrEqual(1);
        }
        const order = ps.map((_, index) => index).toSorted((a, b) => (ps[a] ?? 0) - (ps[b] ?? 0));
        const inOrder = order.map((index) => adjusted[index] ?? 0);
        expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b));
      }),
    );
  });
});

test('a pooled variance is around the mean of each group', () => {
  expect(pooledVariance([[1, 3], [11, 13, 15], [7]])).toEqual({ variance: (2 + 8) / 3, degreesOfFreedom: 3 });
  expect(pooledVariance([[1], [2]])).toEqual({ variance: Number.NaN, degreesOfFreedom: 0 });
});
