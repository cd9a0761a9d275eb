import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SourceRecording } from './recorder.ts';
import { increaseOf, meanOf } from './series.ts';
import type { Quantity, Subject } from './source.ts';
import { summarise } from './summary.ts';

const startMs = 1_768_386_000_000;
const window = { startMs, endMs: startMs + 10_000 };
const tokens = { output: 1000, total: 5000 };

/** Readings of devices at the given seconds since the start of the window. */
function recording(
  source: string,
  subject: Subject,
  at: readonly number[],
  values: Readonly<Record<string, Partial<Record<Quantity, (second: number) => number>>>>,
): SourceRecording {
  return {
    source,
    subject,
    missed: 0,
    samples: at.map((second) => ({
      atMs: startMs + 1000 * second,
      tookMs: 20,
      readings: Object.entries(values).flatMap(([device, of]) =>
        Object.entries(of).map(([quantity, value]) => ({
          quantity: quantity as Quantity,
          device,
          value: value(second),
        })),
      ),
    })),
  };
}
const seconds = [-2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

describe('power', () => {
  test('reports for each device whether its readings cover the window, and the longest gap between them', () => {
    const of = (at: readonly number[]) =>
      summarise(
        [recording('nvidia-smi', 'accelerators', at, { gpu0: { powerW: () => 500 } })],
        window,
        tokens,
      ).power;
    expect(of([-9, -1, 4, 8, 11, 20])).toMatchObject({
      devices: [{ covers_window: true, longest_gap_s: 5 }],
    });
    expect(of([0.5, 4, 11])).toMatchObject({ devices: [{ covers_window: false, longest_gap_s: 7 }] });
    expect(of([-1, 4, 9])).toMatchObject({ devices: [{ covers_window: false, longest_gap_s: 5 }] });
  });

  test('covers only the measured window, and energy is power times its length', () => {
    // Idle at 100 W before and after, 700 W and 500 W during the measurement.
    const busy = (watts: number) => (second: number) => (second >= 0 && second <= 10 ? watts : 100);
    const { power } = summarise(
      [
        recording('nvidia-smi', 'accelerators', seconds, {
          gpu0: { powerW: busy(700) },
          gpu1: { powerW: busy(500) },
        }),
      ],
      window,
      tokens,
    );
    expect(power).toEqual({
      state: 'measured',
      source: 'nvidia-smi',
      of: 'accelerators',
      devices: [
        { device: 'gpu0', mean_w: 700, energy_j: 7000, covers_window: true, longest_gap_s: 1 },
        { device: 'gpu1', mean_w: 500, energy_j: 5000, covers_window: true, longest_gap_s: 1 },
      ],
      mean_w: 1200,
      p50_w: 1200,
      max_w: 1200,
      energy_j: 12_000,
      j_per_output_token: 12,
      j_per_total_token: 2.4,
    });
  });

  test('says for each device how long it was at its limit, and what its own counter says', () => {
    const { power } = summarise(
      [
        recording('nvidia-smi', 'accelerators', seconds, {
          gpu0: {
            powerW: () => 690,
            powerLimitW: () => 700,
            powerCapped: (second) => (second >= 1 && second <= 9 ? 1 : 0),
            thermallySlowed: () => 0,
            energyJ: (second) => 700 * (second + 2),
          },
          gpu1: { powerW: () => 100 },
        }),
      ],
      window,
      tokens,
    );
    expect(power).toMatchObject({
      devices: [
        { device: 'gpu0', limit_w: 700, capped_share: 0.9, heat_share: 0, counter_energy_j: 7000 },
        { device: 'gpu1', mean_w: 100 },
      ],
    });
    expect(power).not.toHaveProperty('devices.1.capped_share');
    expect(power).not.toHaveProperty('devices.1.counter_energy_j');
  });

  test('from an energy counter is its increase, even if it wraps', () => {
    const wraps = (second: number) => (second < 5 ? 900 + 50 * second : 50 * (second - 5));
    const { power } = summarise(
      [recording('rapl', 'cpu', seconds, { 'package-0': { energyJ: wraps } })],
      window,
      tokens,
    );
    expect(power).toMatchObject({ source: 'rapl', of: 'cpu', mean_w: 50, energy_j: 500 });
  });

  test('of GPUs and of CPUs is kept apart', () => {
    const summary = summarise(
      [
        recording('nvidia-smi', 'accelerators', seconds, { gpu0: { powerW: () => 700 } }),
        recording('rapl', 'cpu', seconds, { 'package-0': { energyJ: (second) => 200 * second } }),
      ],
      window,
      tokens,
    );
    expect(summary.power).toMatchObject({ of: 'accelerators', energy_j: 7000 });
    expect(summary.cpu_power).toMatchObject({ of: 'cpu', energy_j: 2000 });
  });

  test('is unavailable if no source has it, with every reason', () => {
    const absent = (source: string, trouble: string): SourceRecording => ({
      source,
      subject: 'accelerators',
      samples: [],
      missed: 1,
      trouble,
    });
    const summary = summarise(
      [absent('nvidia-smi', 'nvidia-smi not found'), absent('amd-smi', 'amd-smi not found')],
      window,
      tokens,
    );
    expect(summary.power).toEqual({
      state: 'unavailable',
      reason: 'nvidia-smi: nvidia-smi not found; amd-smi: amd-smi not found',
    });
  });
});

test("the engine's figures: counters over the window, acceptance of drafts, use of the cache", () => {
  const { engine } = summarise(
    [
      recording('engine', 'engine', seconds, {
        engine: {
          running: () => 8,
          kvCacheUsage: (second) => second / 10,
          preemptions: (second) => (second < 4 ? 1 : 3),
          generationTokens: (second) => 1000 + 200 * second,
          specDraftedTokens: (second) => 100 * second,
          specAcceptedTokens: (second) => 70 * second,
        },
      }),
    ],
    window,
    tokens,
  );
  expect(engine).toMatchObject({
    running: { mean: 8, p50: 8, max: 8 },
    kv_cache_usage: { mean: 0.5, max: 1 },
    preemptions: 2,
    generation_throughput: 200,
    spec_decode_acceptance: 0.7,
  });
});

test('the time series of a long run remain small', () => {
  const hour = Array.from({ length: 3600 }, (_, second) => second);
  const summary = summarise(
    [
      recording('nvidia-smi', 'accelerators', hour, {
        gpu0: { powerW: (s) => 600 + Math.sin(s) * 99.123456, utilization: () => 0.987654321 },
      }),
      recording('engine', 'engine', hour, {
        engine: { running: () => 512, waiting: () => 77, kvCacheUsage: (s) => s / 3601 },
      }),
    ],
    { startMs, endMs: startMs + 3_600_000 },
    tokens,
  );
  expect(summary.series.t_s).toHaveLength(120);
  expect(summary.series.power_w).toHaveLength(120);
  expect(JSON.stringify(summary).length).toBeLessThan(10_000);
});

test('a mean is between the values that were read, whatever the times of the readings', () => {
  const point = fc.record({
    atMs: fc.integer({ min: -5000, max: 15_000 }),
    value: fc.double({ min: 0, max: 1000, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(point, { minLength: 1, maxLength: 20 }), (points) => {
      const sorted = points.toSorted((a, b) => a.atMs - b.atMs);
      const mean = meanOf({ device: 'x', points: sorted }, { startMs: 0, endMs: 10_000 }) ?? Number.NaN;
      const values = points.map(({ value }) => value);
      expect(mean).toBeGreaterThanOrEqual(Math.min(...values) - 1e-9);
      expect(mean).toBeLessThanOrEqual(Math.max(...values) + 1e-9);
    }),
  );
});

test('a counter at a constant rate increases by rate times window, whatever the times of the readings', () => {
  const times = fc.uniqueArray(fc.integer({ min: -3000, max: 13_000 }), { minLength: 2, maxLength: 15 });
  fc.assert(
    fc.property(times, fc.integer({ min: 1, max: 500 }), (at, perSecond) => {
      const points = at
        .toSorted((a, b) => a - b)
        .map((atMs) => ({ atMs, value: 7 + (perSecond * atMs) / 1000 }));
      expect(increaseOf({ device: 'x', points }, { startMs: 0, endMs: 10_000 })).toBeCloseTo(
        10 * perSecond,
        6,
      );
    }),
  );
});
