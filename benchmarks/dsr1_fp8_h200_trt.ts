import { defined } from '../src/defined/defined.ts';
import { deepSeek } from './builders/trt.ts';

export const recipe = deepSeek({
  precision: 'fp8',
  cudaGraphMaxBatch: 128,
  kvCacheFraction: 0.75,
  moeBackend: () => 'CUTLASS',
  env: ({ isl, attentionDp }) => ({
    PYTHONNOUSERSITE: '1',
    // Whole 8k prompts on every rank would fragment the memory that the weights leave.
    ...defined({
      PYTORCH_CUDA_ALLOC_CONF: attentionDp && isl >= 8192 ? 'max_split_size_mb:8192' : undefined,
    }),
  }),
});
