import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadGpuConstants } from '../../config/index.ts';
import { packageRoot } from '../../package-root.ts';
import { powerFactsOf, unusablePowerOf } from './power-facts.ts';

const powerOf = (...[raw, constants]: Parameters<typeof powerFactsOf>) => powerFactsOf(raw, constants).power;
const powerOverTimeOf = (raw: unknown) => powerFactsOf(raw, undefined).overTime;

const recorded = (conc: number) =>
  join(
    packageRoot,
    '../shared/h100-vllm-2026-11/sweep/raw',
    `llama8b_512_128_bf16_vllm_tp1_ep1_dpa_false_conc${conc}_h100-lab_0.json`,
  );
const h100 = (await loadGpuConstants()).find(({ gpu }) => gpu === 'h100');

test.skipIf(!existsSync(recorded(256)))(
  'a real H100 at concurrency 256: 0.107 J per output token, at its power limit most of the time',
  () => {
    const power = powerOf(JSON.parse(readFileSync(recorded(256), 'utf8')), h100);
    expect(power).toMatchObject({
      source: 'nvidia-smi',
      jPerOutputToken: 0.1073,
      limit: { w: 700, from: 'vendor' },
      atLimit: { by: 'power' },
      meanClockMhz: 1585,
    });
    expect(power?.atLimit?.share).toBeCloseTo(37 / 46, 6);
    const [low = 0, high = 0] = power?.interval ?? [];
    expect(low).toBeGreaterThan(0.1);
    expect(low).toBeLessThan(0.1073);
    expect(high).toBeGreaterThan(0.1073);
    expect(high).toBeLessThan(0.115);
    const idle = powerOf(JSON.parse(readFileSync(recorded(1), 'utf8')), h100);
    expect(idle?.atLimit).toEqual({ share: 0, by: 'power' });
  },
);

/* Parts of a raw result of vLLM 0.24 on an H200 with driver 580, measured on 2026-11-27: concurrency 64, random weights. */
test('a real H200 at concurrency 64: its driver reports the limit, and the clock is lower for as long', () => {
  const measured = readFileSync(join(import.meta.dirname, 'testdata', 'h200-conc64.json'), 'utf8');
  const power = powerOf(JSON.parse(measured), undefined);
  expect(power).toMatchObject({
    meanW: 672,
    jPerOutputToken: 0.1356,
    limit: { w: 700, from: 'driver' },
    atLimit: { share: 0.8096, by: 'driver' },
    heatShare: 0,
    meanClockMhz: 1766,
    maxClockMhz: 1980,
    counterDifference: null,
  });
  const [low = 0, high = 0] = power?.interval ?? [];
  expect(low).toBeGreaterThan(0.12);
  expect(low).toBeLessThan(0.1356);
  expect(high).toBeGreaterThan(0.1356);
  expect(high).toBeLessThan(0.15);
});

const raw = (devices: readonly object[]) => ({
  telemetry: {
    window_s: 60,
    power: { state: 'measured', source: 'amd-smi', of: 'accelerators', mean_w: 1300, devices },
  },
});

test('what the driver reports takes precedence over the vendor’s board power', () => {
  const devices = [
    { limit_w: 650, capped_share: 0.5, energy_j: 39_000, counter_energy_j: 40_000 },
    { limit_w: 700, capped_share: 0, energy_j: 39_000, counter_energy_j: 39_500 },
  ];
  expect(powerOf(raw(devices), h100)).toMatchObject({
    devices: 2,
    limit: { w: 1350, from: 'driver' },
    atLimit: { share: 0.25, by: 'driver' },
    counterDifference: expect.closeTo(0.025, 9),
    interval: null,
    jPerOutputToken: null,
  });
});

test('unknown figures are null, and a result without measured power has none', () => {
  expect(powerOf(raw([{}]), undefined)).toMatchObject({
    limit: null,
    atLimit: null,
    heatShare: null,
    meanClockMhz: null,
    maxClockMhz: null,
    longestGapS: null,
    counterDifference: null,
  });
  expect(powerOf({ telemetry: { window_s: 60, power: { state: 'unavailable' } } }, h100)).toBeNull();
  expect(powerOf({}, h100)).toBeNull();
});

test('power over time is in parts of the window of equal length', () => {
  const measured = raw([{ limit_w: 700 }]);
  const series = { t_s: [0, 20, 40], power_w: [500, null, 690] };
  const withSeries = { telemetry: { ...measured.telemetry, series } };
  expect(powerOverTimeOf(withSeries)).toEqual({ fromS: 0, intervalS: 20, watts: [500, null, 690] });
  expect(powerOverTimeOf({ ...withSeries, window: { from_s: 30 } })).toMatchObject({ fromS: 30 });
  expect(powerOverTimeOf(measured)).toBeNull();
});

test('sampled power that cannot be used has its reasons in words', () => {
  const judged = (power_valid: boolean, reasons: readonly string[]) =>
    unusablePowerOf({ power_validation: { power_valid, reasons, details: ['exporter of node-a: refused'] } });
  expect(judged(false, ['sampling_gap_exceeded', 'later_reason'])).toEqual([
    'a GPU was not sampled for more than 3 s of the benchmark',
    'later_reason',
  ]);
  expect(judged(true, [])).toEqual([]);
  expect(unusablePowerOf({})).toEqual([]);
});
