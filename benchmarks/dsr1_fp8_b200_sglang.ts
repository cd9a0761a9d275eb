import { receiveInterval, sglang } from './builders/sglang.ts';

/** On four GPUs, the weights take most of the memory, so batches and prefills are small. */
const sizes = {
  roomy: { batch: 128, memory: 0.82, prefillTokens: 32_768 },
  tight: { batch: 32, memory: 0.95, prefillTokens: 8192 },
};

export const recipe = sglang((point) => {
  const tight = point.tp < 8;
  const { batch, memory, prefillTokens } = tight ? sizes.tight : sizes.roomy;
  return {
    flags: {
      '--data-parallel-size': 1,
      '--ep-size': point.ep,
      '--cuda-graph-max-bs': batch,
      '--max-running-requests': batch,
      '--mem-fraction-static': memory,
      '--kv-cache-dtype': 'fp8_e4m3',
      '--chunked-prefill-size': prefillTokens,
      '--max-prefill-tokens': prefillTokens,
      '--quantization': 'fp8',
      '--enable-flashinfer-allreduce-fusion': true,
      '--attention-backend': 'trtllm_mla',
      '--moe-runner-backend': 'flashinfer_trtllm',
      '--stream-interval': 30,
      '--scheduler-recv-interval': tight ? 10 : receiveInterval(point),
    },
    env: {
      PYTHONNOUSERSITE: '1',
      SGL_ENABLE_JIT_DEEPGEMM: 'false',
      SGLANG_ENABLE_FLASHINFER_GEMM: 'true',
    },
  };
});
