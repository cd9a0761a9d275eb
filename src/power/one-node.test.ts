import { describe, expect, test } from 'vitest';
import { type NodePower, powerOfNode } from './one-node.ts';

test('five hours of ten samples a second are integrated, and compared with the counters', () => {
  const samples = 180_000;
  const startS = 1_785_000_000;
  const rows = Array.from({ length: samples }, (_, index) => `${startS + index / 10},0,100`);
  const { audit } = powerOfNode({
    telemetry: { name: 'gpu_metrics.csv', text: ['timestamp,gpu,power', ...rows].join('\n') },
    counters: {
      start: 'gpu,total_energy_consumption\n0,0\n',
      end: `gpu,total_energy_consumption\n0,${10 * samples}\n`,
    },
    result: {
      name: 'result.json',
      value: {
        benchmark_start_time_unix: startS,
        benchmark_end_time_unix: startS + 17_900,
        duration: 17_900,
        completed: 1,
        total_input_tokens: 1,
        total_output_tokens: 1,
      },
    },
    expectedGpus: 1,
  });
  expect(audit).toMatchObject({
    power_valid: true,
    metrics: { avg_power_w: 100, total_gpu_energy_j: 1_790_000 },
    accumulator_check: { available: true, within_tolerance: true },
  });
});

describe('of a table of samples', () => {
  const window = { benchmark_start_time_unix: 100, benchmark_end_time_unix: 110, duration: 10 };
  const counts = { completed: 1, total_input_tokens: 1, total_output_tokens: 1 };
  const seconds = Array.from({ length: 13 }, (_, index) => 99 + index);
  const auditOf = (lines: readonly string[], more: Partial<NodePower> = {}) =>
    powerOfNode({
      telemetry: { name: 'gpu_metrics.csv', text: ['timestamp,gpu,power', ...lines].join('\n') },
      counters: { start: undefined, end: undefined },
      result: { name: 'result.json', value: { ...window, ...counts } },
      expectedGpus: 1,
      ...more,
    }).audit;
  const gpu0 = seconds.map((atS) => `${atS},0,100`);

  test('a GPU counts only if it has samples near the benchmark', () => {
    expect(auditOf([...gpu0, '50,1,100', '50,,100', '50,0,N/A'])).toMatchObject({
      power_valid: true,
      observed_gpu_ids: ['0'],
    });
    expect(auditOf(['50,0,100']).reasons).toEqual(['no_usable_power_samples']);
  });

  test('reasons stand in the order in which they are found, GPU by GPU', () => {
    const late = ['105,0,100', '106,0,100', '105,1,100'];
    expect(auditOf(late).reasons).toEqual([
      'expected_gpu_count_mismatch',
      'benchmark_window_not_bracketed',
      'insufficient_power_samples',
    ]);
    expect(auditOf([...gpu0, '105,1,x', 'x,1,5'], { expectedGpus: 0 }).reasons).toEqual([
      'invalid_expected_gpu_count',
      'invalid_power_sample',
      'invalid_timestamp_sample',
    ]);
  });

  test('cells may stand in quotes', () => {
    expect(auditOf(seconds.map((atS) => `"${atS}", "GPU-a,b", "100.0 W"`))).toMatchObject({
      power_valid: true,
      observed_gpu_ids: ['GPU-a,b'],
    });
  });

  test('counters are of the columns gpu and total_energy_consumption, and of GPUs that have both ends', () => {
    const counters = (column: string) => ({
      start: `gpu,${column}\n0,0\n1,0\n`,
      end: `gpu,${column}\n0,1200\n2,0\n`,
    });
    expect(auditOf(gpu0, { counters: counters('energy_consumption') }).accumulator_check).toEqual({
      available: false,
      reason: 'unparseable_start_snapshot',
    });
    expect(auditOf(gpu0, { counters: counters('total_energy_consumption') }).accumulator_check).toMatchObject(
      {
        accumulator_delta_j: 1200,
        integrated_stream_j: 1200,
        integrated_gpu_ids: ['0'],
        unmatched_gpus: ['1', '2'],
        within_tolerance: true,
      },
    );
  });

  test('infinite power is not a sample', () => {
    expect(auditOf([...gpu0, `105.5,0,${'9'.repeat(400)}`]).reasons).toEqual(['invalid_power_sample']);
    const {
      power_valid: isValid,
      reasons,
      metrics,
    } = auditOf(seconds.map((atS) => `${atS},0,1${'0'.repeat(308)}`));
    expect({ isValid, reasons, metrics }).toEqual({
      isValid: false,
      reasons: ['non_finite_power_metric'],
      metrics: {},
    });
    expect(auditOf(seconds.map((atS) => `${atS},0,1${'0'.repeat(25)}`)).metrics.avg_power_w).toBeCloseTo(
      1e25,
      -12,
    );
  });
});
