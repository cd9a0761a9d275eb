import { describe, expect, it } from 'vitest';
import { quantileOfSorted, summarize } from './summary.ts';

describe('summarize', () => {
  it('computes the same figures as numpy', () => {
    // np.mean, np.median, np.std and np.percentile(…, [25, 90, 99.9]) of these samples.
    const { mean, median, std, percentiles } = summarize(
      Float64Array.of(15, 20, 35, 40, 50, 1),
      [25, 90, 99.9],
    );
    expect(mean).toBeCloseTo(26.833333333333332, 12);
    expect(median).toBe(27.5);
    expect(std).toBeCloseTo(16.486526485453375, 12);
    expect([...percentiles]).toEqual([
      [25, 16.25],
      [90, 45],
      [99.9, expect.closeTo(49.95, 10)],
    ]);
  });

  it('returns NaN without samples', () => {
    expect(summarize(new Float64Array(), [99])).toEqual({
      count: 0,
      mean: Number.NaN,
      median: Number.NaN,
      std: Number.NaN,
      percentiles: new Map([[99, Number.NaN]]),
    });
  });

  it('returns the only sample for every quantile', () => {
    expect([0, 0.5, 1].map((fraction) => quantileOfSorted([7], fraction))).toEqual([7, 7, 7]);
  });
});
