import fc from 'fast-check';
import { expect, test } from 'vitest';
import { energyPerTokenInterval } from './energy-interval.ts';

const starts = (count: number) => Array.from({ length: count }, (_, index) => index);
const over = (watts: readonly (number | null)[], perS: readonly (number | null)[], cycleS = 1) =>
  energyPerTokenInterval({
    windowS: watts.length,
    power: { startsS: starts(watts.length), watts },
    tokens: { intervalS: 1, perS },
    cycleS,
  });

test('power and output that never vary have an interval of no width', () => {
  const interval = over(Array(60).fill(700), Array(60).fill(7000));
  expect(interval?.[0]).toBeCloseTo(0.1, 10);
  expect(interval?.[1]).toBeCloseTo(0.1, 10);
});

test('the interval holds the ratio of the totals, and the true ratio in about 95 of 100 runs', () => {
  let held = 0;
  const runs = 400;
  const random = generator(7);
  for (let run = 0; run < runs; run++) {
    const perS = Array.from({ length: 60 }, () => 4000 + 2000 * random());
    // 0.1 J a token and an independent part with a mean of 0.
    const watts = perS.map((rate) => 0.1 * rate + 200 * (random() - 0.5));
    const [low, high] = over(watts, perS) ?? [Number.NaN, Number.NaN];
    const total = watts.reduce((a, b) => a + b) / perS.reduce((a, b) => a + b);
    expect(low).toBeLessThanOrEqual(total);
    expect(high).toBeGreaterThanOrEqual(total);
    if (low <= 0.1 && 0.1 <= high) held += 1;
  }
  expect(held / runs).toBeGreaterThan(0.91);
  expect(held / runs).toBeLessThan(0.99);
});

test('a run of too few batches, unknown values or no output has no interval', () => {
  expect(over(Array(9).fill(700), Array(9).fill(7000))).toBeNull();
  expect(over(Array(60).fill(700), Array(60).fill(7000), 7)).toBeNull();
  expect(over(Array(60).fill(700), [null, ...Array(59).fill(7000)])).toBeNull();
  expect(over([null, ...Array(59).fill(700)], Array(60).fill(7000))).toBeNull();
  expect(over(Array(60).fill(700), Array(60).fill(0))).toBeNull();
});

test('power and output may have intervals of different lengths, the last one shorter', () => {
  fc.assert(
    fc.property(fc.double({ min: 50, max: 99, noNaN: true }), (windowS) => {
      const steps = Math.ceil(windowS / 1.007);
      const interval = energyPerTokenInterval({
        windowS,
        power: {
          startsS: starts(steps).map((index) => (index * windowS) / steps),
          watts: Array(steps).fill(500),
        },
        tokens: { intervalS: 2, perS: Array(Math.ceil(windowS / 2)).fill(1000) },
        cycleS: 2,
      });
      expect(interval?.[0]).toBeCloseTo(0.5, 9);
      expect(interval?.[1]).toBeCloseTo(0.5, 9);
    }),
  );
});

/** Evenly distributed numbers from a linear congruential generator. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
