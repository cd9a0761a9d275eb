import { deepSeek } from './builders/trt.ts';

export const recipe = deepSeek({
  precision: 'fp8',
  cudaGraphMaxBatch: 256,
  kvCacheFraction: 0.8,
  moeBackend: () => 'DEEPGEMM',
});
