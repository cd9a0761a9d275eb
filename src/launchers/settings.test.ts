import { expect, test } from 'vitest';
import { launcherSettings } from './settings.ts';

test.each([
  ['http://user:password@node-a:9400/metrics', false],
  ['https://user@node-a', false],
  ['http://{node}:9400/metrics', true],
  ['https://node-a', true],
  [9400, true],
])('dcgm-exporter: %s', (exporter, accepted) => {
  const read = launcherSettings.safeParse({ host: '127.0.0.1', 'dcgm-exporter': exporter });
  expect(read.success).toBe(accepted);
});

test('the address of a management controller has no password', () => {
  const read = launcherSettings.safeParse({ host: '127.0.0.1', redfish: { url: 'https://user:word@bmc' } });
  expect(read.success).toBe(false);
});
