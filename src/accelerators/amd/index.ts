import type { Host } from '../../hosts/index.ts';
import type { DeviceFault, Vendor } from '../vendor.ts';
import { amdSmi } from './amd-smi.ts';
import { rocmSmi } from './rocm-smi.ts';

/** GPUs of AMD. */
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
  },
};

const noDriver: DeviceFault = {
  stopsEngines: false,
  hidesDevices: true,
  message: '/dev/kfd is missing; engines access the GPUs through it',
  todo: 'load the amdgpu driver: modprobe amdgpu',
};

/** What this user may not open of what an engine opens; a container of root may all the same. */
async function deniedNodes(host: Host): Promise<DeviceFault[]> {
  const names = await host.list('/dev/dri').catch(() => []);
  const paths = [
    '/dev/kfd',
    ...names.filter((name) => name.startsWith('renderD')).map((name) => `/dev/dri/${name}`),
  ];
  const denied: string[] = [];
  for (const path of paths) {
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
