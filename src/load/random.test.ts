import { describe, expect, it } from 'vitest';
import { Random } from './random.ts';

const draw = (count: number, sample: (random: Random) => number): number[] => {
  const random = new Random(7);
  return Array.from({ length: count }, () => sample(random));
};
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const variance = (values: readonly number[]): number => {
  const centre = mean(values);
  return mean(values.map((value) => (value - centre) ** 2));
};

describe('Random', () => {
  it('gives the same sequence for the same seed and different ones for different seeds', () => {
    const first = (seed: number): number[] => {
      const random = new Random(seed);
      return [random.uint32(), random.uint32(), random.uint32()];
    };
    expect(first(1)).toEqual(first(1));
    expect(first(1)).not.toEqual(first(2));
  });

  it('draws integers uniformly, both ends included', () => {
    const counts = new Map<number, number>();
    for (const value of draw(30_000, (random) => random.integer(3, 5)))
      counts.set(value, (counts.get(value) ?? 0) + 1);
    expect([...counts.keys()].sort()).toEqual([3, 4, 5]);
    for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(400);
  });

  it.each([0.3, 1, 4])('draws gamma of shape %s with the right mean and variance', (shape) => {
    const values = draw(100_000, (random) => random.gamma(shape, 2));
    expect(mean(values) / (shape * 2)).toBeCloseTo(1, 1);
    expect(variance(values) / (shape * 4)).toBeCloseTo(1, 1);
  });

  it('draws exponential with the right mean', () => {
    expect(mean(draw(100_000, (random) => random.exponential(3))) / 3).toBeCloseTo(1, 1);
  });
});
