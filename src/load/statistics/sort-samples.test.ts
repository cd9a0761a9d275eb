import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../test/support/runs.ts';
import { Random } from '../random.ts';
import { sortSamples } from './sort-samples.ts';

const odd = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-45, -1e-45, 3.4e38];

describe('sortSamples', () => {
  it.each([
    ['few', 3],
    ['many', 140_000],
  ])('sorts %s samples in the same order as sort', (_, length) => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(1e-3, 1, 1e6), (seed, scale) => {
        const random = new Random(seed);
        const drawn = (): number =>
          random.unit() < 0.05 ? (odd[random.integer(0, odd.length - 1)] ?? 0) : scale * random.normal();
        const samples = Float32Array.from({ length }, drawn);
        const expected = samples.toSorted();
        sortSamples(samples);
        expect(samples.every((sample, index) => Object.is(sample, expected[index]))).toBe(true);
      }),
      { numRuns: runs(2) },
    );
  });

  it('sorts a part of a larger array and leaves the rest unchanged', () => {
    const all = Float32Array.from({ length: 150_000 }, (_, index) => 150_000 - index);
    sortSamples(all.subarray(1000, 149_000));
    expect(all.subarray(0, 1000)).toEqual(Float32Array.from({ length: 1000 }, (_, index) => 150_000 - index));
    expect(all[1000]).toBe(1001);
    expect(all[148_999]).toBe(149_000);
    expect(all[149_000]).toBe(1000);
  });

  it('sorts doubles with the built-in sort', () => {
    const samples = Float64Array.from({ length: 5000 }, (_, index) => Math.sin(index));
    const expected = samples.toSorted();
    sortSamples(samples);
    expect(samples).toEqual(expected);
  });
});
