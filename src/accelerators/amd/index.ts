import type { Vendor } from '../vendor.ts';
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
    return code === 0
      ? []
      : [
          {
            stopsEngines: false,
            message: 'there is no /dev/kfd, through which engines reach the GPUs',
            todo: 'load the amdgpu driver: modprobe amdgpu',
          },
        ];
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
