import { dynamoTrt } from './builders/dynamo-trt.ts';

/** As on one B200 node: CUTLASS where attention is data-parallel, TensorRT-LLM's own kernels elsewhere. */
export const recipe = dynamoTrt({
  kvCacheType: 'fp8',
  moeBackend: ({ group }) => (group['dp-attn'] ? 'CUTLASS' : 'TRTLLM'),
});
