import { deepSeekOnAmd } from './builders/sglang.ts';

export const recipe = deepSeekOnAmd(() => ({
  flags: { '--attention-backend': 'aiter', '--enable-torch-compile': true },
  env: { ROCM_QUICK_REDUCE_QUANTIZATION: 'INT4', RCCL_MSCCL_ENABLE: '0' },
}));
