import { z } from 'zod';
import { sglang } from './sglang.ts';
import { trtllm } from './trtllm.ts';
import { vllm } from './vllm.ts';

/** The `backend` of a recipe; SGLang if it has no type. */
export const backends = z.preprocess(
  (value) =>
    typeof value === 'object' && value !== null && !('type' in value) ? { type: 'sglang', ...value } : value,
  z.discriminatedUnion('type', [sglang, vllm, trtllm]),
);
