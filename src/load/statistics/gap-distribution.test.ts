import { describe, expect, it } from 'vitest';
import { GapDistribution } from './gap-distribution.ts';
import { histogramRelativeError } from './histogram.ts';
import { summarize } from './summary.ts';

describe('GapDistribution', () => {
  const gaps = Float32Array.from({ length: 1000 }, (_, index) => 1 + ((index * 37) % 1000) / 10);

  it('is exact while it keeps every gap', () => {
    const distribution = new GapDistribution();
    distribution.pushAll(gaps.subarray(0, 400));
    distribution.pushAll(gaps.subarray(400));
    expect(distribution.describe([99]).summary).toEqual(summarize(gaps.slice(), [99]));
    expect(distribution.quantileError).toBe(0);
  });

  it('stays within its stated error afterwards, including copies', () => {
    const bounded = new GapDistribution(300);
    for (let at = 0; at < gaps.length; at += 100) bounded.pushAll(gaps.subarray(at, at + 100));
    const exact = summarize(gaps.slice(), [99]);
    for (const { count, mean, std, median, percentiles } of [
      bounded.describe([99]).summary,
      bounded.copy().describe([99]).summary,
    ]) {
      expect(count).toBe(1000);
      expect(mean).toBeCloseTo(exact.mean, 6);
      expect(std).toBeCloseTo(exact.std, 4);
      // Ranks are not interpolated, which adds the distance of one sample.
      expect(Math.abs(median / exact.median - 1)).toBeLessThan(histogramRelativeError + 0.1 / 50);
      expect(Math.abs((percentiles.get(99) ?? 0) / (exact.percentiles.get(99) ?? 1) - 1)).toBeLessThan(0.002);
    }
    expect(bounded.quantileError).toBe(histogramRelativeError);
  });
});
