import { describe, expect, it } from 'vitest';
import { arrivalTimesMs } from './index.ts';
import { meanRate, timeOfCount } from './rate-profile.ts';

const gaps = (times: Float64Array): Float64Array =>
  times.slice(1).map((time, index) => time - (times[index] ?? 0));
const mean = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;
const spread = (values: Float64Array): number =>
  Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2))) / mean(values);
const steady = [{ rate: 50, durationS: Number.POSITIVE_INFINITY }];

describe('arrivalTimesMs', () => {
  it('spaces a constant rate evenly', () => {
    const times = arrivalTimesMs(
      { kind: 'rate', stages: steady, burstiness: Number.POSITIVE_INFINITY },
      4,
      1,
    );
    expect([...times]).toEqual([0, 20, 40, 60]);
  });

  it.each([1, 0.25, 4])('has the rate asked and the spread of burstiness %s', (burstiness) => {
    const between = gaps(arrivalTimesMs({ kind: 'rate', stages: steady, burstiness }, 2000, 5));
    expect(mean(between)).toBeGreaterThan(18);
    expect(mean(between)).toBeLessThan(22);
    // The coefficient of variation of a gamma distribution is 1 / √shape.
    expect(spread(between) * Math.sqrt(burstiness)).toBeCloseTo(1, 0);
  });

  it('gives the same times for the same seed only', () => {
    const spec = { kind: 'rate', stages: steady, burstiness: 1 } as const;
    expect(arrivalTimesMs(spec, 10, 1)).toEqual(arrivalTimesMs(spec, 10, 1));
    expect(arrivalTimesMs(spec, 10, 1)).not.toEqual(arrivalTimesMs(spec, 10, 2));
  });

  it('follows a trace', () => {
    expect([...arrivalTimesMs({ kind: 'trace', timestampsMs: [0, 5, 500] }, 3, 1)]).toEqual([0, 5, 500]);
  });
});

describe('timeOfCount', () => {
  it('solves ramps and stages, and goes on at the last rate', () => {
    const stages = [
      { fromRate: 0, rate: 10, durationS: 10 },
      { rate: 10, durationS: 5 },
      { fromRate: 10, rate: 0, durationS: 10 },
      { rate: 2, durationS: 1 },
    ];
    // 50 requests in the ramp, 50 in the plateau, 50 in the descent, then 2 per second.
    const expected = [
      [0, 0],
      [12.5, 5],
      [50, 10],
      [75, 12.5],
      [100, 15],
      [150, 25],
      [154, 27],
    ] as const;
    for (const [count, seconds] of expected) expect(timeOfCount(stages, count)).toBeCloseTo(seconds, 9);
  });

  it('goes from one rate to another by equal factors', () => {
    const ramp = { fromRate: 10, rate: 1000, durationS: 6, shape: 'exponential' } as const;
    const total = meanRate(ramp) * ramp.durationS;
    expect(timeOfCount([ramp], total)).toBeCloseTo(6, 9);
    // Half way in time the rate is the geometric mean: 100, so that 90 of 990 parts have come.
    expect(timeOfCount([ramp], (total * 90) / 990)).toBeCloseTo(3, 9);
    // At any time the requests of the next instant come at the rate of then.
    const atS = 4.5;
    const before = (total * (10 * 10 ** ((2 * atS) / 6) - 10)) / 990;
    expect(1 / (timeOfCount([ramp], before + 1) - atS)).toBeCloseTo(10 * 10 ** ((2 * atS) / 6), -1);
  });
});
