import { describe, expect, it } from 'vitest';
import { arrivalsAsked, arrivalTimesMs, problemsOfArrivals } from './index.ts';
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

  it.each([1, 0.25, 4])('has the requested rate and the spread of burstiness %s', (burstiness) => {
    const between = gaps(arrivalTimesMs({ kind: 'rate', stages: steady, burstiness }, 2000, 5));
    expect(mean(between)).toBeGreaterThan(18);
    expect(mean(between)).toBeLessThan(22);
    // The coefficient of variation of a gamma distribution is 1 / √shape.
    expect(spread(between) * Math.sqrt(burstiness)).toBeCloseTo(1, 0);
  });

  it('gives the same times only for the same seed', () => {
    const spec = { kind: 'rate', stages: steady, burstiness: 1 } as const;
    expect(arrivalTimesMs(spec, 10, 1)).toEqual(arrivalTimesMs(spec, 10, 1));
    expect(arrivalTimesMs(spec, 10, 1)).not.toEqual(arrivalTimesMs(spec, 10, 2));
  });

  it('follows a trace', () => {
    expect([...arrivalTimesMs({ kind: 'trace', timestampsMs: [0, 5, 500] }, 3, 1)]).toEqual([0, 5, 500]);
  });
});

describe('timeOfCount', () => {
  it('solves ramps and stages, and continues at the last rate', () => {
    const stages = [
      { fromRate: 0, rate: 10, durationS: 10 },
      { rate: 10, durationS: 5 },
      { fromRate: 10, rate: 0, durationS: 10 },
      { rate: 2, durationS: 1 },
    ];
    // 50 requests in the ramp up, 50 in the plateau, 50 in the ramp down, then 2 per second.
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

  it('changes exponentially from one rate to another', () => {
    const ramp = { fromRate: 10, rate: 1000, durationS: 6, shape: 'exponential' } as const;
    const total = meanRate(ramp) * ramp.durationS;
    expect(timeOfCount([ramp], total)).toBeCloseTo(6, 9);
    // Halfway in time the rate is the geometric mean, 100, so 90 of 990 parts have been sent.
    expect(timeOfCount([ramp], (total * 90) / 990)).toBeCloseTo(3, 9);
    // The number of requests grows at the current rate at any time.
    const atS = 4.5;
    const before = (total * (10 * 10 ** ((2 * atS) / 6) - 10)) / 990;
    expect(1 / (timeOfCount([ramp], before + 1) - atS)).toBeCloseTo(10 * 10 ** ((2 * atS) / 6), -1);
  });
});

describe('problemsOfArrivals', () => {
  it('names invalid settings', () => {
    const stage = { rate: 5, durationS: 1 };
    expect(problemsOfArrivals({ kind: 'rate', stages: [stage], burstiness: 1 }, 10)).toEqual([]);
    for (const [stages, burstiness, problem] of [
      [[], 1, /needs at least one stage/],
      [[stage], 0, /burstiness of arrivals must be above 0, not 0/],
      [[stage, { rate: -1, durationS: 1 }], 1, /stage 2 of the rate: a rate must be .* not -1/],
      [[{ rate: Number.NaN, durationS: 1 }], 1, /must be a number, 0 or more, not NaN/],
      [[{ rate: 5, durationS: 0 }], 1, /duration must be above 0, not 0/],
      [[{ fromRate: 0, rate: 5, durationS: 1, shape: 'exponential' }], 1, /exponential ramp/],
    ] as const) {
      expect(problemsOfArrivals({ kind: 'rate', stages, burstiness }, 10).join()).toMatch(problem);
    }
  });

  it('names a trace that is too short or not ascending', () => {
    const trace = (timestampsMs: number[]) => ({ kind: 'trace', timestampsMs }) as const;
    expect(problemsOfArrivals(trace([0, 0, 7]), 3)).toEqual([]);
    expect(problemsOfArrivals(trace([0, 5]), 3)).toEqual(['the trace has 2 times for 3 requests']);
    expect(problemsOfArrivals(trace([0, 5, 4]), 3).join()).toMatch(/number 3 is 4/);
    expect(problemsOfArrivals(trace([-1]), 1).join()).toMatch(/number 1 is -1/);
    expect(problemsOfArrivals(trace([0, Number.NaN]), 2).join()).toMatch(/number 2 is NaN/);
  });
});

describe('arrivalsAsked', () => {
  const usual = { requestRate: Number.POSITIVE_INFINITY, burstiness: 1 };
  const whole = { numPrompts: 100, shards: 1 };

  it('returns a closed loop unless a rate is requested', () => {
    expect(arrivalsAsked(usual, whole)).toBeUndefined();
    expect(arrivalsAsked({ ...usual, requestRate: 8 }, { ...whole, shards: 2 })).toEqual({
      kind: 'rate',
      stages: [{ rate: 4, durationS: Number.POSITIVE_INFINITY }],
      burstiness: 1,
    });
  });

  it('ramps over all prompts by default, and gives each shard its part of every rate', () => {
    const ramp = { ...usual, rampUpStrategy: 'linear', rampUpStartRps: 2, rampUpEndRps: 6 } as const;
    const stages = [{ fromRate: 1, rate: 3, shape: 'linear', durationS: 25 }];
    expect(arrivalsAsked(ramp, { ...whole, shards: 2 })).toEqual({ kind: 'rate', stages, burstiness: 1 });
    expect(() => arrivalsAsked({ ...usual, rampUpStrategy: 'linear' }, whole)).toThrow(/--ramp-up-start-rps/);
  });
});
