import { describe, expect, it } from 'vitest';
import { runs } from '../../../test/support/runs.ts';
import { Random } from '../random.ts';
import { BlockBootstrap } from './bootstrap.ts';
import { quantileOfSorted } from './summary.ts';

const settings = { confidence: 0.95, seed: 1 };
const intervalOf = (samples: Float64Array, fraction: number, seed = 1): readonly [number, number] =>
  new BlockBootstrap({ ...settings, seed }).intervals(samples, [fraction])?.[0] ?? [0, 0];

describe('BlockBootstrap intervals', () => {
  it.each([
    ['median', 0.5, 5],
    ['90th percentile', 0.9, 6.2816],
  ])('contain the true %s about as often as claimed', (_, fraction, truth) => {
    const random = new Random(11);
    let held = 0;
    const trials = runs(40);
    for (let trial = 0; trial < trials; trial++) {
      const samples = Float64Array.from({ length: 200 }, () => 5 + random.normal());
      const [low, high] = intervalOf(samples, fraction, trial);
      if (low <= truth && truth <= high) held++;
    }
    expect(held / trials).toBeGreaterThan(0.87);
    expect(held / trials).toBeLessThan(0.995);
  });

  it('are wider for autocorrelated samples than for the same samples shuffled', () => {
    const random = new Random(3);
    const levels = Array.from({ length: 20 }, () => random.normal());
    const runs = Float64Array.from({ length: 1000 }, (_, index) => levels[Math.floor(index / 50)] ?? 0);
    const shuffled = Float64Array.from(runs, () => levels[random.integer(0, 19)] ?? 0);
    const width = (samples: Float64Array): number => {
      const [low, high] = intervalOf(samples, 0.5);
      return high - low;
    };
    expect(width(runs)).toBeGreaterThan(1.5 * width(shuffled));
  });

  it('surround the quantile, for several fractions at once', () => {
    const samples = Float64Array.from({ length: 500 }, (_, index) => (index * 37) % 500);
    const [median = [0, 0], p99 = [0, 0]] =
      new BlockBootstrap(settings).intervals(samples, [0.5, 0.99]) ?? [];
    expect(median).toEqual(intervalOf(samples, 0.5));
    for (const [[low, high], fraction] of [
      [median, 0.5],
      [p99, 0.99],
    ] as const) {
      const quantile = quantileOfSorted(samples.toSorted(), fraction);
      expect(low).toBeLessThanOrEqual(quantile);
      expect(high).toBeGreaterThanOrEqual(quantile);
    }
  });

  it('are the same whichever metrics were computed before', () => {
    const random = new Random(5);
    const [first, second, longer] = [300, 300, 400].map((length) =>
      Float64Array.from({ length }, () => random.normal()),
    );
    const bootstrap = new BlockBootstrap(settings);
    for (const samples of [first, longer, second, first]) {
      if (samples === undefined) throw new Error('there are three metrics');
      expect(bootstrap.intervals(samples, [0.5])?.[0]).toEqual(intervalOf(samples, 0.5));
    }
  });

  it('are undefined for a handful of samples', () => {
    expect(new BlockBootstrap(settings).intervals(Float64Array.of(1, 2, 3), [0.5])).toBeUndefined();
  });
});
