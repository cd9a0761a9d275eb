import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Histogram, histogramRelativeError } from './histogram.ts';

const samples = fc.array(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 300 });

describe('Histogram', () => {
  it('computes every quantile within its stated error', () => {
    fc.assert(
      fc.property(samples, fc.double({ min: 0, max: 1, noNaN: true }), (values, fraction) => {
        const truth = values.toSorted((a, b) => a - b)[Math.floor(fraction * (values.length - 1))] ?? 0;
        const error = Math.abs(Histogram.of(values).quantile(fraction) - truth) / truth;
        expect(error).toBeLessThanOrEqual(histogramRelativeError * 1.0001);
      }),
    );
  });

  it('gives the same result merged as recorded in one, also through JSON', () => {
    fc.assert(
      fc.property(samples, samples, (left, right) => {
        const merged = Histogram.fromJson(JSON.parse(JSON.stringify(Histogram.of(left).toJson())));
        merged.add(Histogram.of(right).toJson());
        const whole = Histogram.of([...left, ...right]);
        expect(merged.toJson().buckets).toEqual(whole.toJson().buckets);
        expect(merged.count).toBe(left.length + right.length);
        expect(merged.mean() / whole.mean()).toBeCloseTo(1, 9);
      }),
    );
  });

  it('counts zeros, and returns NaN without samples', () => {
    expect(Histogram.of([0, 0, 5]).quantile(0.5)).toBe(0);
    const none = Histogram.fromJson(JSON.parse(JSON.stringify(Histogram.of([]).toJson())));
    expect([none.mean(), none.std(), none.quantile(0), none.quantile(0.99)]).toEqual(
      Array(4).fill(Number.NaN),
    );
    expect(none.toJson().max).toBeNull();
    expect(Histogram.of([2, 4]).std()).toBeCloseTo(1, 12);
  });
});
