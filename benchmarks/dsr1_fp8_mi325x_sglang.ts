import { deepSeekOnAmd } from './builders/sglang.ts';

export const recipe = deepSeekOnAmd(() => ({ flags: {} }));
