import type { Host } from '../../hosts/index.ts';
import type { DeviceFault, Vendor } from '../vendor.ts';
import { amdSmi } from './amd-smi.ts';
import { rocmSmi } from './rocm-smi.ts';

/** AMD GPUs. */
export const amd: Vendor = {
  name: 'amd',
  hasDevices: true,
  tools: [amdSmi, rocmSmi],
  visibleDevices: ['ROCR_VISIBLE_DEVICES', 'HIP_VISIBLE_DEVICES'],
  faults: async (host) => {
    const { code } = await host.run(['test', '-e', '/dev/kfd']);
    return code === 0 ? await deniedNodes(host) : [noDriver];
  },
  containers: {
    flags: [
      '--device',
      '/dev/kfd',
      '--device',
      '/dev/dri',
      '--group-add',
      'video',
      '--cap-add',
      'SYS_PTRACE',
      '--security-opt',
      'seccomp=unconfined',
    ],
    // The number of the group render differs between systems, and images may lack the group.
    deviceGroups: async (host) => {
      const { stdout } = await host.run(['stat', '--format', '%g', ...(await devicePaths(host))]);
      const numbers = stdout
        .split('\n')
        .filter((line) => /^\d+$/.test(line))
        .map(Number);
      return [...new Set(numbers)].filter((number) => number !== 0);
    },
  },
};

const noDriver: DeviceFault = {
  stopsEngines: false,
  hidesDevices: true,
  message: '/dev/kfd is missing; engines access the GPUs through it',
  todo: 'load the amdgpu driver: modprobe amdgpu',
};

/** The device files that an engine opens. */
async function devicePaths(host: Host): Promise<string[]> {
  const names = await host.list('/dev/dri').catch(() => []);
  const render = names.filter((name) => name.startsWith('renderD'));
  return ['/dev/kfd', ...render.map((name) => `/dev/dri/${name}`)];
}

/** The device files that this user cannot open; a container that runs as root still can. */
async function deniedNodes(host: Host): Promise<DeviceFault[]> {
  const denied: string[] = [];
  for (const path of await devicePaths(host)) {
    const { code } = await host.run(['test', '-r', path, '-a', '-w', path]);
    if (code !== 0) denied.push(path);
  }
  if (denied.length === 0) return [];
  return [
    {
      stopsEngines: false,
      message: `this user cannot read and write ${denied.join(', ')}, which engines need to access the GPUs`,
      todo: 'add the user to the groups video and render: sudo usermod -aG video,render USER',
    },
  ];
}
