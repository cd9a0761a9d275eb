import { defined } from '../src/defined/defined.ts';
import { nvidiaConfig, vllm } from './builders/vllm.ts';

export const recipe = vllm(
  ({ launcher }) => ({
    flags: { '--host': '0.0.0.0', '--config': 'config.yaml', '--gpu-memory-utilization': 0.9 },
    env: {
      PYTHONNOUSERSITE: '1',
      VLLM_MXFP4_USE_MARLIN: '1',
      // The Docker script lets PyTorch detect the architectures.
      ...defined({ TORCH_CUDA_ARCH_LIST: launcher === 'docker' ? undefined : '9.0' }),
    },
    yaml: { 'config.yaml': { ...nvidiaConfig, 'max-model-len': 10_240 } },
  }),
  { capsSequences: true },
);
