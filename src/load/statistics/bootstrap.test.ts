import { describe, expect, it } from 'vitest';
import { Random } from '../random.ts';
import { blockBootstrapInterval } from './bootstrap.ts';

const mean = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;

describe('blockBootstrapInterval', () => {
  it('holds the true mean about as often as it claims', () => {
    const random = new Random(11);
    let held = 0;
    const trials = 200;
    for (let trial = 0; trial < trials; trial++) {
      const samples = Float64Array.from({ length: 200 }, () => 5 + random.normal());
      const interval = blockBootstrapInterval(samples, mean, { confidence: 0.95, seed: trial });
      if (interval !== undefined && interval[0] <= 5 && 5 <= interval[1]) held++;
    }
    expect(held / trials).toBeGreaterThan(0.87);
    expect(held / trials).toBeLessThan(0.995);
  });

  it('is wider for samples that come in runs than for the same ones shuffled', () => {
    const random = new Random(3);
    const runs = Float64Array.from({ length: 1000 }, (_, index) => Math.floor(index / 50) % 2);
    const shuffled = Float64Array.from(runs, () => random.integer(0, 1));
    const width = (samples: Float64Array): number => {
      const [low, high] = blockBootstrapInterval(samples, mean, { confidence: 0.95, seed: 1 }) ?? [0, 0];
      return high - low;
    };
    expect(width(runs)).toBeGreaterThan(2 * width(shuffled));
  });

  it('gives none for a handful of samples', () => {
    expect(
      blockBootstrapInterval(Float64Array.of(1, 2, 3), mean, { confidence: 0.95, seed: 1 }),
    ).toBeUndefined();
  });
});
