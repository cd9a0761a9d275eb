import { expect, test } from 'vitest';
import { powerOfNode } from './one-node.ts';

test('a day of ten samples a second is integrated, and compared with the counters', () => {
  const samples = 864_000;
  const startS = 1_785_000_000;
  const rows = Array.from({ length: samples }, (_, index) => `${startS + index / 10},0,100`);
  const { audit } = powerOfNode({
    telemetry: { name: 'gpu_metrics.csv', text: ['timestamp,gpu,power', ...rows].join('\n') },
    counters: { start: 'gpu,energy_consumption\n0,0\n', end: `gpu,energy_consumption\n0,${10 * samples}\n` },
    result: {
      name: 'result.json',
      value: {
        benchmark_start_time_unix: startS,
        benchmark_end_time_unix: startS + 86_000,
        duration: 86_000,
        completed: 1,
        total_input_tokens: 1,
        total_output_tokens: 1,
      },
    },
    expectedGpus: 1,
  });
  expect(audit).toMatchObject({
    power_valid: true,
    metrics: { avg_power_w: 100, total_gpu_energy_j: 8_600_000 },
    accumulator_check: { available: true, within_tolerance: true },
  });
});
