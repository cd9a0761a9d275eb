import { deepSeekOnAmd } from './builders/sglang.ts';

export const recipe = deepSeekOnAmd(() => ({ flags: {}, env: { HSA_NO_SCRATCH_RECLAIM: '1' } }));
