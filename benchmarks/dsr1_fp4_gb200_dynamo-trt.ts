import { dynamoTrt } from './builders/dynamo-trt.ts';

/** As on a single B200 node: CUTLASS if attention is data-parallel, otherwise TensorRT-LLM's own kernels. */
export const recipe = dynamoTrt({
  kvCacheType: 'fp8',
  moeBackend: ({ group }) => (group['dp-attn'] ? 'CUTLASS' : 'TRTLLM'),
});
