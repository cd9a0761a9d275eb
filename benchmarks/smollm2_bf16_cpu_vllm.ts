import { vllm } from './builders/vllm.ts';

/** Small enough for a laptop: all concurrencies up to 8 and all shapes up to 1,024 tokens share one start. */
const sharedSequences = 8;
const sharedContextTokens = 1024;

export const recipe = vllm(({ conc, maxModelLen, replayed }) => ({
  flags: {
    '--dtype': 'bfloat16',
    '--max-model-len': Math.max(sharedContextTokens, maxModelLen),
    '--max-num-seqs': Math.max(sharedSequences, replayed ? 2 * conc : conc),
    // Every prefill is computed, as in the other engines; agents share prefixes.
    '--no-enable-prefix-caching': replayed ? undefined : true,
    // Compiling needs a C++ compiler and takes minutes, and a model of this size gains little.
    '--enforce-eager': true,
  },
  env: {
    // GiB; the cache of eight sequences of 1,024 tokens takes 0.2 GiB.
    VLLM_CPU_KVCACHE_SPACE: '1',
  },
}));
