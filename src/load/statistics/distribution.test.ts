import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distributionOf, distributionOfHistogram } from './distribution.ts';
import { Histogram } from './histogram.ts';

const samples = fc.array(fc.double({ min: 0, max: 1e5, noNaN: true }), { minLength: 1, maxLength: 400 });

describe('distributionOf', () => {
  it('counts every sample once, between ascending edges', () => {
    fc.assert(
      fc.property(samples, (values) => {
        const sorted = Float64Array.from(values).sort();
        const { edges_ms, counts } = distributionOf(sorted);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(values.length);
        expect(edges_ms).toHaveLength(counts.length + 1);
        expect(counts.length).toBeLessThanOrEqual(66);
        expect(edges_ms).toEqual([...new Set(edges_ms)].sort((a, b) => a - b));
        for (const [index, count] of counts.entries()) {
          // The outermost edges are rounded samples; the inner ones are the actual limits of the counts.
          if (index === 0 || index === counts.length - 1) continue;
          const [low = 0, high = 0] = edges_ms.slice(index);
          expect(values.filter((value) => value > low && value <= high)).toHaveLength(count);
        }
      }),
    );
  });

  it('resolves the body of a distribution whatever its tail', () => {
    const body = Float64Array.from({ length: 10_000 }, (_, index) => 10 + index / 10_000);
    const { edges_ms } = distributionOf(Float64Array.of(...body, 500, 2000, 4000).sort());
    const [third = 0, fourth = 0] = edges_ms.slice(3);
    expect(edges_ms.at(-1)).toBe(4000);
    expect(fourth - third).toBeLessThan(0.05);
  });

  it('is empty without samples, and one bucket for one value', () => {
    expect(distributionOf(new Float64Array())).toEqual({ edges_ms: [], counts: [] });
    expect(distributionOf(Float64Array.of(7, 7, 7)).counts).toEqual([3]);
    expect(distributionOf(Float64Array.of(0, 0)).counts.reduce((sum, count) => sum + count, 0)).toBe(2);
  });

  it('is about the same when computed from a histogram', () => {
    const sorted = Float64Array.from({ length: 5000 }, (_, index) => 5 * 1.0005 ** index);
    const exact = distributionOf(sorted);
    const coarse = distributionOfHistogram(Histogram.of(sorted));
    expect(coarse.counts.reduce((sum, count) => sum + count, 0)).toBe(5000);
    for (const [index, edge] of exact.edges_ms.entries())
      expect((coarse.edges_ms[index] ?? 0) / edge).toBeCloseTo(1, 2);
    for (const [index, count] of exact.counts.entries())
      expect(Math.abs((coarse.counts[index] ?? 0) - count)).toBeLessThan(10);
  });
});
