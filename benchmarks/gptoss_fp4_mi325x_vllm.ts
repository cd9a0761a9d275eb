import { gptOssOnAmd } from './builders/vllm.ts';

export const recipe = gptOssOnAmd(() => ({
  flags: { '--compilation-config': '{"cudagraph_mode": "FULL_AND_PIECEWISE"}' },
  env: { HSA_NO_SCRATCH_RECLAIM: '1', VLLM_ROCM_USE_AITER_TRITON_BF16_GEMM: '0' },
}));
