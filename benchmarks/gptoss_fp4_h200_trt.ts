import { batchCap, gptOssOptions, trt } from './builders/trt.ts';

const optionsFile = 'gptoss-config.yml';

export const recipe = trt(
  (point) => ({
    flags: {
      '--host': '0.0.0.0',
      '--max_batch_size': point.maxConc,
      '--max_num_tokens': 20_000,
      '--gpus_per_node': 8,
      '--pp_size': 1,
      '--extra_llm_api_options': optionsFile,
    },
    env: { TRTLLM_ENABLE_PDL: '1' },
    yaml: gptOssOptions(point, { optionsFile, kvCacheType: 'auto', moeBackend: 'TRITON' }),
  }),
  { caps: { '--max_batch_size': batchCap, 'cuda_graph_config.max_batch_size': batchCap } },
);
