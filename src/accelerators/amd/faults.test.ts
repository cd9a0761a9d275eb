import { expect, test } from 'vitest';
import { type Host, thisMachine } from '../../hosts/index.ts';
import { amd } from './index.ts';

/** A machine with two GPUs whose device files exist and are accessible as given. */
function machineWith({ kfd = true, denied = [] }: { kfd?: boolean; denied?: readonly string[] }): Host {
  return {
    ...thisMachine,
    list: async () => ['by-path', 'card0', 'card1', 'renderD128', 'renderD129'],
    run: async ([_, option, path = '']) => {
      const holds = option === '-e' ? kfd : !denied.includes(path);
      return { code: holds ? 0 : 1, stdout: '', stderr: '' };
    },
  };
}
const faultsOf = async (host: Host) => await amd.faults?.(host);

test('a machine with accessible devices has no fault', async () => {
  expect(await faultsOf(machineWith({}))).toEqual([]);
});

test('without the driver’s device file no engine sees a GPU', async () => {
  expect(await faultsOf(machineWith({ kfd: false }))).toMatchObject([
    {
      hidesDevices: true,
      message: expect.stringContaining('/dev/kfd'),
      todo: expect.stringContaining('amdgpu'),
    },
  ]);
});

test('inaccessible files are named once; containers that run as root can open them', async () => {
  const [fault, ...others] =
    (await faultsOf(machineWith({ denied: ['/dev/kfd', '/dev/dri/renderD129'] }))) ?? [];
  expect(fault).toMatchObject({
    stopsEngines: false,
    message: expect.stringContaining('/dev/kfd, /dev/dri/renderD129,'),
    todo: expect.stringContaining('render'),
  });
  expect(fault?.hidesDevices).toBeUndefined();
  expect(others).toEqual([]);
});
