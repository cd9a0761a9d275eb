import { deepSeekOnAmd } from './builders/sglang.ts';

export const recipe = deepSeekOnAmd(() => ({
  flags: { '--attention-backend': 'aiter', '--kv-cache-dtype': 'fp8_e4m3' },
  env: { ROCM_QUICK_REDUCE_QUANTIZATION: 'INT4' },
}));
