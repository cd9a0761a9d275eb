import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { adjustedPs, pooledVariance } from './statistics.ts';

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
