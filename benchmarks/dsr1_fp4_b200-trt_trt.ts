import { deepSeek } from './builders/trt.ts';

export const recipe = deepSeek({
  precision: 'fp4',
  cudaGraphMaxBatch: 512,
  kvCacheFraction: 0.8,
  moeBackend: ({ attentionDp }) => (attentionDp ? 'CUTLASS' : 'TRTLLM'),
});
