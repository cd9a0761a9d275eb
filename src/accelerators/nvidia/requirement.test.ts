import { expect, test } from 'vitest';
import { thisMachine } from '../../hosts/index.ts';
import { imageFault, meets, versionsIn } from './requirement.ts';

const required =
  'cuda>=12.8 brand=unknown,driver>=470,driver<471 brand=tesla,driver>=535,driver<536 brand=tesla,driver>=550,driver<551';

test.each([
  ['a driver with that CUDA version', { cuda: '12.8', driver: '570.124.06' }, true],
  ['a later driver', { cuda: '13.0', driver: '580.65' }, true],
  ['an older driver of a named branch', { cuda: '12.2', driver: '535.161.08' }, true],
  ['an older driver of another branch', { cuda: '12.6', driver: '560.35.03' }, false],
  ['a much older driver', { cuda: '11.4', driver: '460.91' }, false],
  ['a driver of unknown version', {}, true],
])('%s: %j → %s', (_, versions, good) => {
  expect(meets(required, versions)).toBe(good);
});

const report = `
==============NVSMI LOG==============

Driver Version                            : 560.35.03
CUDA Version                              : 12.6

Attached GPUs                             : 1
`;
const node = {
  ...thisMachine,
  run: async () => ({ code: 0, stdout: report, stderr: '' }),
};

test('the versions are read from the report of the driver’s tool', () => {
  expect(versionsIn(report)).toEqual({ driver: '560.35.03', cuda: '12.6' });
  expect(versionsIn('')).toEqual({});
});

test('an image that needs a later driver is reported with both versions; one without a requirement is fine', async () => {
  const fault = await imageFault({ NVIDIA_REQUIRE_CUDA: required }, node);
  expect(fault?.message).toBe(
    'the driver 560.35.03 (CUDA 12.6) is too old for the image, which requires cuda>=12.8',
  );
  expect(await imageFault({}, node)).toBeUndefined();
  expect(
    await imageFault({ NVIDIA_REQUIRE_CUDA: required, NVIDIA_DISABLE_REQUIRE: '1' }, node),
  ).toBeUndefined();
});
