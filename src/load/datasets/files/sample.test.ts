import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReservoirSample } from './sample.ts';

const sampleOf = (wanted: number, offered: number, seed: number | undefined): number[] => {
  const sample = new ReservoirSample<number>(wanted, seed);
  for (let thing = 0; thing < offered; thing++) sample.offer(thing);
  expect(sample.offered).toBe(offered);
  return sample.kept();
};

describe('Sample', () => {
  it('keeps the requested number, each item once, and the same for the same seed', () => {
    fc.assert(
      fc.property(fc.nat(30), fc.nat(60), fc.nat(), (wanted, offered, seed) => {
        const kept = sampleOf(wanted, offered, seed);
        expect(kept).toHaveLength(Math.min(wanted, offered));
        expect(new Set(kept).size).toBe(kept.length);
        expect(kept.every((thing) => thing >= 0 && thing < offered)).toBe(true);
        expect(sampleOf(wanted, offered, seed)).toEqual(kept);
        expect(sampleOf(wanted, offered, undefined)).toEqual(
          Array.from({ length: Math.min(wanted, offered) }, (_, index) => index),
        );
      }),
    );
  });

  it('gives each item the same chance, at each position', () => {
    const rounds = 6000;
    const [wanted, offered] = [4, 12];
    const kept = Array.from({ length: offered }, () => 0);
    const first = Array.from({ length: offered }, () => 0);
    for (let seed = 0; seed < rounds; seed++) {
      const things = sampleOf(wanted, offered, seed);
      for (const thing of things) kept[thing] = (kept[thing] ?? 0) + 1;
      const [one = 0] = things;
      first[one] = (first[one] ?? 0) + 1;
    }
    // Five standard deviations of a binomial count.
    const within = (counts: readonly number[], share: number): void => {
      const spread = 5 * Math.sqrt(rounds * share * (1 - share));
      for (const count of counts) expect(Math.abs(count - rounds * share)).toBeLessThan(spread);
    };
    within(kept, wanted / offered);
    within(first, 1 / offered);
  });
});
