import { nvidiaConfig, tightModelLen, vllm } from './builders/vllm.ts';

export const recipe = vllm(
  (point) => ({
    flags: { '--host': '0.0.0.0', '--config': 'config.yaml', '--gpu-memory-utilization': 0.9 },
    env: { PYTHONNOUSERSITE: '1', TORCH_CUDA_ARCH_LIST: '9.0', VLLM_MXFP4_USE_MARLIN: '1' },
    yaml: { 'config.yaml': { ...nvidiaConfig, 'max-model-len': tightModelLen(point) } },
  }),
  { capsSequences: true },
);
