import type { SingleNodePoint } from './builders/single-node.ts';
import { batchCap, gptOssOptions, trt } from './builders/trt.ts';

const optionsFile = 'gptoss-fp4.yml';
/** Expert traffic over NVLink memory, with room for whole batches. */
const allToAll = {
  TRTLLM_MOE_ALLTOALL_BACKEND: 'mnnvlthroughput',
  TRTLLM_FORCE_ALLTOALL_METHOD: 'MNNVL',
  TRTLLM_MOE_A2A_WORKSPACE_MB: '2048',
};

/** The public scripts for Docker and Slurm set up communication differently. */
function communication({ launcher, attentionDp }: SingleNodePoint): Readonly<Record<string, string>> {
  if (launcher === 'docker') return { NCCL_GRAPH_REGISTER: '0' };
  return attentionDp ? allToAll : {};
}

export const recipe = trt(
  (point) => ({
    flags: {
      '--max_batch_size': 512,
      '--max_seq_len': point.maxModelLen,
      '--max_num_tokens': 20_000,
      '--extra_llm_api_options': optionsFile,
    },
    env: { TRTLLM_ENABLE_PDL: '1', ...communication(point) },
    yaml: gptOssOptions(point, { optionsFile, kvCacheType: 'fp8', moeBackend: 'TRTLLM' }),
  }),
  { caps: { 'cuda_graph_config.max_batch_size': batchCap } },
);
