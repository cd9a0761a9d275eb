import { afterEach, expect, test, vi } from 'vitest';
import { ManagementController } from '../../test/support/management-controller.ts';
import { examineRedfish } from './redfish.ts';
import { launcherSettings } from './settings.ts';

afterEach(() => vi.unstubAllEnvs());

const settings = (url: string) => launcherSettings.parse({ host: '127.0.0.1', redfish: { url } });

test('the doctor reads the power of each machine, with credentials from the environment', async () => {
  await using controller = await ManagementController.start({
    Self: { PowerControl: [{ PowerConsumedWatts: 715 }] },
  });
  const examined = async () =>
    await examineRedfish(settings(controller.url), ['node-a'], { file: 'runners/x.yaml' });
  expect(await examined()).toMatchObject([{ state: 'problem', message: 'REDFISH_USER is not set' }]);
  vi.stubEnv('REDFISH_USER', 'reader');
  vi.stubEnv('REDFISH_PASSWORD', 'correct horse');
  expect(await examined()).toEqual([
    { check: 'redfish', state: 'ok', message: `${controller.url} reports 715 W for node-a` },
  ]);
});

test('a pool without management controllers has nothing to check', async () => {
  const without = launcherSettings.parse({ host: '127.0.0.1' });
  expect(await examineRedfish(without, ['node-a'], { file: 'runners/x.yaml' })).toEqual([]);
});
