import { expect, test } from 'vitest';
import { doubtOfEnergy } from './power-doubt.ts';

const over = (device: { readonly energy_j: number; readonly counter_energy_j?: number }) => ({
  power: {
    state: 'measured' as const,
    source: 'amd-smi',
    of: 'accelerators' as const,
    devices: [{ device: 'gpu0', mean_w: 700, longest_gap_s: 1, ...device }],
    mean_w: 700,
    p50_w: 700,
    max_w: 700,
    energy_j: device.energy_j,
  },
});

test('a counter that disagrees with the samples is a reason for doubt, in either direction', () => {
  expect(doubtOfEnergy(over({ energy_j: 42_000, counter_energy_j: 52_500 }))).toBe(
    'the energy counter of gpu0 rose by 52500 J, but its sampled power amounts to 42000 J: the energy per token is uncertain',
  );
  expect(doubtOfEnergy(over({ energy_j: 42_000, counter_energy_j: 30_000 }))).toContain('30000 J');
  expect(doubtOfEnergy(over({ energy_j: 42_000, counter_energy_j: 0 }))).toContain('rose by 0 J');
});

test('a difference that the tolerance and one sampling interval explain is not, nor is a missing counter', () => {
  expect(doubtOfEnergy(over({ energy_j: 42_000, counter_energy_j: 44_000 }))).toBeUndefined();
  // A window of 3 s with readings every second.
  expect(doubtOfEnergy(over({ energy_j: 2100, counter_energy_j: 1500 }))).toBeUndefined();
  expect(doubtOfEnergy(over({ energy_j: 42_000 }))).toBeUndefined();
  expect(doubtOfEnergy({ power: { state: 'unavailable', reason: 'no source was read' } })).toBeUndefined();
});
