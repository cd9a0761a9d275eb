import { nvidiaConfig, tightModelLen, vllm } from './builders/vllm.ts';

export const recipe = vllm((point) => ({
  flags: {
    '--host': '0.0.0.0',
    '--config': 'config.yaml',
    '--gpu-memory-utilization': 0.9,
    '--max-num-seqs': 512,
  },
  env: {
    PYTHONNOUSERSITE: '1',
    TORCH_CUDA_ARCH_LIST: '10.0',
    VLLM_USE_FLASHINFER_MOE_MXFP4_MXFP8: '1',
  },
  yaml: {
    'config.yaml': {
      ...nvidiaConfig,
      'kv-cache-dtype': 'fp8',
      'compilation-config': JSON.stringify({
        pass_config: { fuse_allreduce_rms: true, eliminate_noops: true },
      }),
      'max-model-len': tightModelLen(point),
    },
  },
}));
