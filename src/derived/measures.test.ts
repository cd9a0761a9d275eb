import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gpuOf, hardwareTitle } from './hardware-key.ts';
import {
  costMeasure,
  electricityMeasure,
  energyMeasure,
  type GpuFigures,
  type MeasureInput,
  measuredEnergyMeasure,
  measuredPowerMeasure,
  perMegawattMeasure,
  throughputMeasure,
  tokensPerDollarMeasure,
  xMeasures,
  yMeasures,
} from './measures.ts';
import type { MetricName } from './metrics.ts';
import { tokenKinds } from './throughput.ts';

/** The public h200 constants (contract §8). */
const h200: GpuFigures = {
  allInPowerKw: { value: 1.73 },
  usdPerGpuHour: { hyperscaler: { value: 1.41 }, neocloud: { value: 1.74 }, rental: { value: 1.6 } },
};

function point(
  metrics: Partial<Record<MetricName, number>>,
  rest: Partial<Omit<MeasureInput, 'metric'>> = {},
): MeasureInput {
  return {
    metric: (name) => metrics[name] ?? null,
    gpus: { total: 8, input: 8, output: 8 },
    gpu: h200,
    ...rest,
  };
}

describe('measures', () => {
  const served = point({ totalTputPerGpu: 2000, outputTputPerGpu: 1000, inputTputPerGpu: 1000 });

  test('cost is the price of a GPU-hour divided by the million tokens of a GPU-hour', () => {
    expect(costMeasure('total', { payer: 'neocloud' }).of(served)).toBeCloseTo(1.74 / 7.2, 12);
    expect(costMeasure('output', { payer: 'rental' }).of(served)).toBeCloseTo(1.6 / 3.6, 12);
    expect(costMeasure('output', { usdPerGpuHour: 3.6 }).of(served)).toBeCloseTo(1, 12);
    expect(costMeasure('output', { usdPerGpuHour: 3.427, usdPerKwh: 0.1 }).of(served)).toBeCloseTo(1, 12);
  });

  test('power measures use the all-in power of the GPU', () => {
    expect(perMegawattMeasure('total').of(served)).toBeCloseTo(2_000_000 / 1.73, 6);
    expect(energyMeasure('output').of(served)).toBeCloseTo(1.73, 12);
  });

  test('measured energy is that of all GPUs of the point, and unknown without measured power', () => {
    const metrics = { outputTputPerGpu: 1000, totalTputPerGpu: 2000, measuredPowerPerGpuW: 600 };
    expect(measuredEnergyMeasure('output').of(point(metrics))).toBeCloseTo(0.6, 12);
    expect(measuredEnergyMeasure('total').of(point(metrics))).toBeCloseTo(0.3, 12);
    const gpus = { total: 24, input: 16, output: 8 };
    expect(measuredEnergyMeasure('output').of(point(metrics, { gpus }))).toBeCloseTo(1.8, 12);
    expect(measuredEnergyMeasure('output').of(served)).toBeNull();
    expect(measuredPowerMeasure.of(point(metrics))).toBe(600);
    expect(measuredPowerMeasure.of(served)).toBeNull();
  });

  test('measured power as a share of board power, per request and by phase', () => {
    const by = (key: string) => {
      const measure = yMeasures.find((one) => one.key === key);
      if (measure === undefined) throw new Error(`no measure ${key}`);
      return measure;
    };
    const gpus = { total: 24, input: 16, output: 8 };
    const metrics = {
      inputTputPerGpu: 500,
      outputTputPerGpu: 1000,
      measuredPowerPerGpuW: 560,
      prefillPowerPerGpuW: 600,
      decodePowerPerGpuW: 480,
      hostPowerW: 24_000,
      energyPerRequestJ: 7200,
    };
    const disaggregated = point(metrics, { gpus, gpu: { ...h200, specs: { tdpW: { value: 700 } } } });
    const values = [
      ['measured-power-share', 80],
      ['request-measured-energy', 2],
      ['prefill-measured-power', 600],
      ['decode-measured-power', 480],
      // Of the GPUs of the phase alone, per token of the phase.
      ['prefill-measured-energy', 1.2],
      ['decode-measured-energy', 0.48],
      // Of all GPUs.
      ['output-measured-energy', (24 * 560) / (8 * 1000)],
      ['measured-host-power', 1000],
      ['output-host-energy', 24_000 / (8 * 1000)],
    ] as const;
    for (const [key, value] of values) expect(by(key).of(disaggregated), key).toBeCloseTo(value, 9);
    for (const [key] of values) expect(by(key).of(point({})), key).toBeNull();
    expect(by('measured-power-share').of(point(metrics))).toBeNull();
  });

  test('what is drawn next to a measured figure counts the same GPUs, and says that it is modelled', () => {
    const paired = yMeasures.filter(({ modelled }) => modelled !== undefined);
    expect(paired.length).toBeGreaterThan(7);
    const gpus = { total: 24, input: 16, output: 8 };
    // If the all-in power were the measured one, both would be equal.
    const served = {
      totalTputPerGpu: 900,
      inputTputPerGpu: 500,
      outputTputPerGpu: 1000,
      measuredPowerPerGpuW: 1730,
      hostPowerW: 24 * 1730,
    };
    for (const { key, label, unit, modelled, of } of paired) {
      const one = point(served, { gpus });
      expect(modelled?.of(one), key).toBeCloseTo(of(one) ?? Number.NaN, 9);
      expect(modelled?.unit).toBe(unit);
      expect(label.toLowerCase()).toContain('measured');
      expect(modelled?.label).toContain('modelled');
    }
  });

  test('electricity at measured power, and tokens per dollar', () => {
    const metrics = { outputTputPerGpu: 1000, totalTputPerGpu: 2000, measuredPowerPerGpuW: 720 };
    // 0.72 J per output token: 0.2 kWh per million.
    expect(electricityMeasure('output', 0.25).of(point(metrics))).toBeCloseTo(0.05, 12);
    expect(electricityMeasure('output', 0.25).of(served)).toBeNull();
    const price = { usdPerGpuHour: 3.6 };
    expect(tokensPerDollarMeasure('output', price).of(served)).toBeCloseTo(1, 12);
    expect(tokensPerDollarMeasure('total', price).of(served)).toBeCloseTo(2, 12);
    expect(tokensPerDollarMeasure('total', price).of(point({ totalTputPerGpu: 0 }))).toBeNull();
  });

  test('a disaggregated point is charged for the GPUs of the role, or optionally for all', () => {
    const disaggregated = point({ outputTputPerGpu: 1000 }, { gpus: { total: 24, input: 16, output: 8 } });
    const price = { usdPerGpuHour: 3.6 };
    expect(costMeasure('output', price).of(disaggregated)).toBeCloseTo(1, 12);
    expect(costMeasure('output', price, 'all').of(disaggregated)).toBeCloseTo(3, 12);
    expect(costMeasure('output', price, 'all').label).not.toBe(costMeasure('output', price).label);
  });

  test('a figure of all GPUs does not name a role', () => {
    expect(energyMeasure('output').role).toBe('decode');
    expect(energyMeasure('output', 'all').role).toBeUndefined();
    expect(costMeasure('output', { payer: 'rental' }, 'all').role).toBeUndefined();
  });

  test('unknown values are null, never 0', () => {
    const bare = point({});
    for (const measure of [...yMeasures, ...xMeasures]) expect(measure.of(bare)).toBeNull();
    const unknownGpu = point({ totalTputPerGpu: 5 }, { gpu: null });
    expect(throughputMeasure('total').of(unknownGpu)).toBe(5);
    expect(perMegawattMeasure('total').of(unknownGpu)).toBeNull();
    expect(costMeasure('total', { payer: 'rental' }).of(unknownGpu)).toBeNull();
    expect(costMeasure('total', { usdPerGpuHour: 3.6 }).of(unknownGpu)).toBeCloseTo(200, 9);
    expect(costMeasure('total', { payer: 'rental' }).of(point({ totalTputPerGpu: 0 }))).toBeNull();
  });

  test('labels name the counted tokens and are unique', () => {
    for (const tokens of tokenKinds) {
      const only = point({ [`${tokens}TputPerGpu`]: 100 });
      const fromThem = yMeasures.filter((measure) => measure.of(only) !== null);
      expect(fromThem).toHaveLength(9);
      for (const { label } of fromThem) {
        const named = tokenKinds.filter((kind) => kind !== 'total' && label.toLowerCase().includes(kind));
        expect(named).toEqual(tokens === 'total' ? [] : [tokens]);
      }
    }
    const all = [...yMeasures, ...xMeasures];
    expect(new Set(all.map(({ label }) => label)).size).toBe(all.length);
    expect(new Set(all.map(({ key }) => key)).size).toBe(all.length);
  });

  test('cost, power and energy are consistent with any throughput', () => {
    const throughput = fc.double({ min: 1e-3, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(throughput, fc.constantFrom(...tokenKinds), (perGpu, tokens) => {
        const one = point({ [`${tokens}TputPerGpu`]: perGpu });
        const twice = point({ [`${tokens}TputPerGpu`]: 2 * perGpu });
        for (const measure of yMeasures) {
          const [value, faster] = [measure.of(one), measure.of(twice)];
          if (value === null || faster === null) continue;
          expect(faster / value).toBeCloseTo(measure.better === 'higher' ? 2 : 0.5, 9);
        }
        const perMw = perMegawattMeasure(tokens).of(one) ?? Number.NaN;
        expect(perMw * (energyMeasure(tokens).of(one) ?? Number.NaN)).toBeCloseTo(1e6, 3);
      }),
    );
  });
});

test("a hardware title is the GPU's name and the rest of the key", () => {
  const gpus = [{ gpu: 'gb300', name: 'GB300 NVL72' }];
  expect(['gb300', 'gb300-lab_2', 'cpu', 'rtx4090'].map((hw) => hardwareTitle(hw, gpus))).toEqual([
    'GB300 NVL72',
    'GB300 NVL72, lab 2',
    'CPU',
    'rtx4090',
  ]);
});

describe('gpuOf', () => {
  const known = ['h100', 'h200', 'b200', 'gb200', 'mi355x'];

  test.each([
    ['h200', 'h200'],
    ['h200-trt', 'h200'],
    ['B200', 'b200'],
    ['b200-nb_0', 'b200'],
    ['gb200', 'gb200'],
    ['gb200-nv_1', 'gb200'],
    ['mi355x_disagg', 'mi355x'],
    ['mi355', null],
    ['cpu', null],
    ['synthetic-h200', null],
    ['', null],
  ])('%s is %s', (key, gpu) => {
    expect(gpuOf(key, known)).toBe(gpu);
  });
});
