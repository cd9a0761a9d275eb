import type { GenericRecipe } from '../../src/plan/index.ts';
import { contextTokens, reasonsFor } from '../builders/generic.ts';
import { batchCap, trt } from '../builders/trt.ts';

const optionsFile = 'options.yml';

/** TensorRT-LLM for any model. */
export const generic: GenericRecipe = (facts) => ({
  ...trt(
    ({ maxModelLen, maxConc, isl, replayed }) => ({
      flags: {
        '--max_batch_size': maxConc,
        '--max_seq_len': contextTokens(maxModelLen, facts),
        // At least one prompt per iteration in addition to decoding; less than this default is slower.
        '--max_num_tokens': Math.max(8192, isl + 64),
        '--extra_llm_api_options': optionsFile,
      },
      yaml: {
        [optionsFile]: {
          cuda_graph_config: { enable_padding: true, max_batch_size: maxConc },
          kv_cache_config: { enable_block_reuse: replayed },
        },
      },
    }),
    { caps: { '--max_batch_size': batchCap, 'cuda_graph_config.max_batch_size': batchCap } },
  ),
  of: 'generic',
  reasons: reasonsFor(facts, {
    parallel: '--tp_size',
    context: '--max_seq_len',
    noReuse: 'kv_cache_config.enable_block_reuse',
    quantisation: 'quantisation',
  }),
});
