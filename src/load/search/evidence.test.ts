import { describe, expect, it } from 'vitest';
import { Random } from '../random.ts';
import { atLeast, atMost } from './binomial.ts';
import { designEffectOf, judgeLevel, pooled } from './evidence.ts';

/** The sum of the binomial probabilities, one by one. */
function sumFrom(hits: number, trials: number, share: number): number {
  let [sum, term] = [0, (1 - share) ** trials];
  for (let count = 0; count <= trials; count++) {
    if (count >= hits) sum += term;
    term *= ((trials - count) / (count + 1)) * (share / (1 - share));
  }
  return sum;
}

describe('binomial tails', () => {
  it('equal the sum of the probabilities', () => {
    for (const trials of [1, 7, 40, 200])
      for (const share of [0.02, 0.5, 0.9, 0.97])
        for (let hits = 0; hits <= trials; hits += Math.max(1, trials >> 3)) {
          expect(atLeast(hits, trials, share)).toBeCloseTo(sumFrom(hits, trials, share), 10);
          expect(atMost(hits, trials, share)).toBeCloseTo(1 - sumFrom(hits + 1, trials, share), 10);
        }
  });

  it('are accurate where a proof of p99 ends: no miss in 1,000', () => {
    expect(atLeast(1000, 1000, 0.99) / 0.99 ** 1000).toBeCloseTo(1, 9);
  });
});

describe('the verdict on a load', () => {
  const of = (requests: number, met: number, designEffect = 1) => [{ requests, met, designEffect }];

  it('is shown only with enough requests', () => {
    expect(judgeLevel(of(50, 50), [0.99], 0.01)).toBe('likely-holds');
    expect(judgeLevel(of(500, 500), [0.99], 0.01)).toBe('holds');
    expect(judgeLevel(of(50, 49), [0.99], 0.01)).toBe('likely-misses');
    expect(judgeLevel(of(50, 40), [0.99], 0.01)).toBe('misses');
  });

  it('needs more requests if their misses come in groups', () => {
    expect(judgeLevel(of(500, 500, 2), [0.99], 0.01)).toBe('likely-holds');
    expect(judgeLevel(of(60, 50, 4), [0.9], 0.01)).toBe('likely-misses');
  });

  it('adds up the tests of a load, each with its own dependence', () => {
    const probe = (requests: number, met: number, designEffect: number) => ({
      level: 4,
      attained: of(requests, met, designEffect),
    });
    expect(pooled([probe(100, 90, 1), probe(200, 200, 4)])).toEqual([
      { requests: 300, met: 290, designEffect: 2 },
    ]);
    expect(pooled([])).toBeUndefined();
  });
});

describe('the design effect', () => {
  it('is about 1 for independent requests', () => {
    const random = new Random(5);
    const effects = Array.from({ length: 50 }, () =>
      designEffectOf(Array.from({ length: 2000 }, () => (random.unit() < 0.9 ? 1 : 0))),
    );
    expect(effects.reduce((sum, one) => sum + one, 0) / effects.length).toBeLessThan(1.3);
  });

  it('is large if the misses are all at the end', () => {
    expect(
      designEffectOf(Array.from({ length: 2000 }, (_, index) => (index < 1800 ? 1 : 0))),
    ).toBeGreaterThan(50);
  });

  it('is 1 without misses, or for few requests', () => {
    expect(designEffectOf(new Array<number>(500).fill(1))).toBe(1);
    expect(designEffectOf([1, 0, 1])).toBe(1);
  });
});
