import { expect, test } from 'vitest';
import { hostPowerInRow } from './recorded-power.ts';

const measured = (device: object, power: object = {}) => ({
  telemetry: {
    power: { state: 'measured', of: 'accelerators', mean_w: 600 },
    host_power: {
      state: 'measured',
      source: 'redfish',
      of: 'chassis',
      mean_w: 2000,
      devices: [{ covers_window: true, longest_gap_s: 5, ...device }],
      ...power,
    },
  },
});

test('the power of the host is in a row under its own name, with its source', () => {
  expect(hostPowerInRow(measured({}))).toEqual({ avg_host_power_w: 2000, host_power_source: 'redfish' });
});

test.each([
  ['readings that do not cover the window', measured({ covers_window: false })],
  ['a long time between readings', measured({ longest_gap_s: 61 })],
  ['the power of the CPUs', measured({}, { of: 'cpu' })],
  ['power that could not be read', { telemetry: { host_power: { state: 'unavailable', reason: 'x' } } }],
  ['a result of another tool', {}],
])('%s: no power of the host', (_, raw) => {
  expect(hostPowerInRow(raw)).toEqual({});
});
