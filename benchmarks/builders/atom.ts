import type { Recipe } from '../../src/plan/index.ts';
import { is1k1k, singleNode } from './single-node.ts';

/** ATOM's OpenAI server. */
export function atom({ env = {} }: { readonly env?: Readonly<Record<string, string>> } = {}): Recipe {
  return singleNode((point) => ({
    flags: {
      '-tp': point.tp,
      '--enable-expert-parallel': point.ep > 1 ? true : undefined,
      '--kv_cache_dtype': 'fp8',
      '--block-size': 16,
      // For 1,024 in and out, the model's own limit is sufficient.
      '--max-model-len': is1k1k(point) ? undefined : 10_240,
    },
    env: { OMP_NUM_THREADS: '1', ...env },
  }));
}
