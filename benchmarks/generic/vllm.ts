import type { GenericRecipe } from '../../src/plan/index.ts';
import { contextTokens, reasonsFor } from '../builders/generic.ts';
import { requestsInFlight } from '../builders/single-node.ts';
import { vllm } from '../builders/vllm.ts';

/** GiB of KV cache on a CPU if the size per token is unknown. */
const someCacheGib = 4;
const kvCacheSpace = 'VLLM_CPU_KVCACHE_SPACE';

/** vLLM for any model. */
export const generic: GenericRecipe = (facts) => {
  const { model, hasAccelerators } = facts;
  const recipe = vllm(
    (point) => {
      const { maxModelLen, tp, replayed } = point;
      const context = contextTokens(maxModelLen, facts);
      const cacheBytes = (model?.kvBytesPerToken ?? 0) * context * requestsInFlight(point);
      return {
        flags: {
          '--tensor-parallel-size': hasAccelerators ? tp : undefined,
          '--max-model-len': context,
          '--no-enable-prefix-caching': replayed ? undefined : true,
          '--trust-remote-code': model?.hasOwnCode === true ? true : undefined,
          // Compiling for a CPU needs a C++ compiler and takes minutes.
          '--enforce-eager': hasAccelerators ? undefined : true,
        },
        env: hasAccelerators
          ? {}
          : {
              [kvCacheSpace]: String(
                cacheBytes === 0 ? someCacheGib : Math.max(1, Math.ceil(cacheBytes / 2 ** 30)),
              ),
            },
      };
    },
    { capsSequences: true },
  );
  return {
    ...recipe,
    caps: {
      ...recipe.caps,
      [kvCacheSpace]: 'the cache holds all requests in flight; more of it is not touched',
    },
    of: 'generic',
    reasons: reasonsFor(facts, {
      parallel: '--tensor-parallel-size',
      context: '--max-model-len',
      noReuse: '--no-enable-prefix-caching',
      quantisation: '--quantization',
    }),
  };
};
