import { expect, test } from 'vitest';
import { type Host, thisMachine } from '../../hosts/index.ts';
import { amd } from './index.ts';

/** A machine whose devices have these groups; `stat` fails for missing devices. */
function machineWith(groups: Readonly<Record<string, number>>): Host {
  return {
    ...thisMachine,
    list: async () => ['card0', 'renderD128', 'renderD129'],
    run: async ([, , , ...paths]) => ({
      code: paths.every((path) => path in groups) ? 0 : 1,
      stdout: paths.map((path) => (path in groups ? `${groups[path]}\n` : '')).join(''),
      stderr: '',
    }),
  };
}

test('containers get the groups with access to the devices, by their numbers on the node', async () => {
  const groups = { '/dev/kfd': 993, '/dev/dri/renderD128': 993, '/dev/dri/renderD129': 44 };
  expect(await amd.containers.deviceGroups?.(machineWith(groups))).toEqual([993, 44]);
});

test('the group of root is skipped, and a missing device has no group', async () => {
  expect(
    await amd.containers.deviceGroups?.(machineWith({ '/dev/kfd': 0, '/dev/dri/renderD128': 105 })),
  ).toEqual([105]);
  expect(await amd.containers.deviceGroups?.(machineWith({}))).toEqual([]);
});
