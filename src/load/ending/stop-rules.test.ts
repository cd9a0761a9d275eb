import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runs } from '../../../test/support/runs.ts';
import { arrivalTimesMs } from '../arrivals/index.ts';
import { Random } from '../random.ts';
import { requestsNeeded } from './requests-needed.ts';
import {
  errorBoundIn,
  fallingBehind,
  hasTooManyErrors,
  precisionIn,
  relativeHalfWidth,
} from './stop-rules.ts';

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

describe('the interval of a mean', () => {
  test('is unknown for few samples, and 0 for equal ones', () => {
    expect(relativeHalfWidth(new Float64Array(99).fill(5))).toBeUndefined();
    expect(relativeHalfWidth(new Float64Array(100).fill(5))).toBe(0);
  });

  test('contains the true mean about 95 times in 100, for samples that depend on their neighbours, too', () => {
    const tries = 400;
    let held = 0;
    for (let seed = 0; seed < tries; seed++) {
      const random = new Random(seed);
      let before = 0;
      const samples = Float64Array.from({ length: 2000 }, () => {
        before = 0.5 * before + random.normal();
        return 10 + before;
      });
      const width = relativeHalfWidth(samples) ?? Number.NaN;
      const mean = samples.reduce((sum, value) => sum + value, 0) / samples.length;
      if (Math.abs(mean - 10) <= width * mean) held++;
    }
    expect(held / tries).toBeGreaterThan(0.9);
    expect(held / tries).toBeLessThan(0.99);
  });

  test('becomes about half as wide with four times the samples', () => {
    const widthOf = (length: number) => {
      const widths = Array.from({ length: 40 }, (_, seed) => {
        const random = new Random(seed);
        return relativeHalfWidth(Float64Array.from({ length }, () => random.exponential(1))) ?? Number.NaN;
      });
      return widths.reduce((sum, width) => sum + width, 0) / widths.length;
    };
    expect(widthOf(4000) / widthOf(1000)).toBeCloseTo(0.5, 1);
  });
});

/** A server with some slots, each of which serves a request in `serviceMs`, at Poisson arrivals. */
function queue(seed: number, rate: number, { slots, serviceMs }: { slots: number; serviceMs: number }) {
  const stages = [{ rate, durationS: Number.POSITIVE_INFINITY }];
  const dueMs = arrivalTimesMs({ kind: 'rate', burstiness: 1, stages }, 1500, seed);
  const free = new Float64Array(slots);
  const endedMs = dueMs.map((atMs) => {
    const slot = free.indexOf(Math.min(...free));
    const endMs = Math.max(atMs, free[slot] ?? 0) + serviceMs;
    free[slot] = endMs;
    return endMs;
  });
  return { dueMs, endedMs };
}

const server = { slots: 8, serviceMs: 400 };
const capacity = 20;

describe('a server that falls behind', () => {
  const isSeen = (seed: number, rate: number) => {
    const course = queue(seed, rate, server);
    const lastMs = course.dueMs.at(-1) ?? 0;
    return [0.2, 0.4, 0.6, 0.8, 1].some(
      (part) => fallingBehind({ ...course, elapsedMs: part * lastMs }) !== undefined,
    );
  };

  test('is seen if it gets a quarter more than it can serve', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        expect(isSeen(seed, 1.25 * capacity)).toBe(true);
      }),
      { numRuns: runs(20) },
    );
  });

  test('is not seen in one that keeps up', () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0.1, max: 0.8, noNaN: true }), (seed, load) => {
        expect(isSeen(seed, load * capacity)).toBe(false);
      }),
      { numRuns: runs(20) },
    );
  });
});

describe('a bound on errors', () => {
  test.each([
    ['10', { failed: 10, completed: 0 }, { failed: 11, completed: 500 }],
    ['5%', { failed: 5, completed: 95 }, { failed: 6, completed: 94 }],
    ['0', { failed: 0, completed: 1 }, { failed: 1, completed: 9 }],
    // A share of few requests says nothing.
    ['5%', { failed: 9, completed: 10 }, { failed: 10, completed: 10 }],
  ])('of %s is passed by one more', (text, within, beyond) => {
    const rule = errorBoundIn(text);
    if (rule === undefined) throw new Error(`${text} is not a bound`);
    expect([hasTooManyErrors(rule, within), hasTooManyErrors(rule, beyond)]).toEqual([false, true]);
  });
});

test('bounds and precisions are read as they are written, and nothing else', () => {
  expect(precisionIn('2%')).toEqual({ metric: 'e2el', share: 0.02 });
  expect(precisionIn('ttft:5%')).toEqual({ metric: 'ttft', share: 0.05 });
  for (const text of ['2', '0%', '100%', 'itl:2%', ':2%', '']) expect(precisionIn(text)).toBeUndefined();
  expect(errorBoundIn('12%')).toEqual({ most: 0.12, isShare: true });
  for (const text of ['1.5', '-1', '100%', 'x', '']) expect(errorBoundIn(text)).toBeUndefined();
});

test('a test by time at a rate prepares exactly the requests that are due in it', () => {
  fc.assert(
    fc.property(
      seeds,
      fc.double({ min: 0.5, max: 50, noNaN: true }),
      fc.double({ min: 0.5, max: 20, noNaN: true }),
      (seed, rate, durationS) => {
        const arrivals = { kind: 'rate', burstiness: 1, stages: [{ rate, durationS: 1e9 }] } as const;
        const count = requestsNeeded(durationS, { arrivals, streams: 1, seed });
        const timesMs = arrivalTimesMs(arrivals, count + 1, seed);
        expect(timesMs.at(-1)).toBeGreaterThan(1000 * durationS);
        expect(timesMs.at(-2)).toBeLessThanOrEqual(1000 * durationS);
      },
    ),
    { numRuns: runs(30) },
  );
});
