import { defined } from '../../src/defined/defined.ts';
import type { Recipe } from '../../src/plan/index.ts';
import { disaggregated, type PhaseWorkers } from './disaggregated.ts';
import { yamlText } from './yaml-text.ts';

/** GPUs, and therefore MPI tasks, per GB200 node. */
const gpusPerNode = 4;

interface DynamoTrt {
  readonly kvCacheType: string;
  readonly moeBackend: (phase: PhaseWorkers) => string;
}

/**
 * TensorRT-LLM under Dynamo on GB200. A prefill worker has its own node, a decode worker as many nodes as its tensor
 * parallelism needs; sizes come from the entry's additional settings. The remaining settings (prefill memory, overlap,
 * transfer backend) are our choice, because the public launchers are not among the recorded scripts.
 */
export function dynamoTrt(options: DynamoTrt): Recipe {
  return disaggregated({
    size: ({ tp }, role) => ({
      nodesPerWorker: role === 'prefill' ? 1 : Math.ceil(tp / gpusPerNode),
      acceleratorsPerWorker: tp,
    }),
    worker: (phase) => {
      const path = `${phase.role}.yaml`;
      return {
        flags: { '--disaggregation-mode': phase.role, '--extra-engine-args': path },
        files: [{ path, content: yamlText(engineArgs(phase, options)) }],
      };
    },
    env: { TRTLLM_ENABLE_PDL: '1' },
  });
}

function engineArgs(phase: PhaseWorkers, { kvCacheType, moeBackend }: DynamoTrt): object {
  const { role, group, settings, isl, maxModelLen } = phase;
  const prefix = role.toUpperCase();
  const maxBatchSize = settings.number(`${prefix}_MAX_BATCH_SIZE`);
  const mtpSize = settings.numberOr('DECODE_MTP_SIZE', 0);
  return {
    backend: 'pytorch',
    trust_remote_code: true,
    tensor_parallel_size: group.tp,
    moe_expert_parallel_size: group.ep,
    enable_attention_dp: group['dp-attn'],
    max_batch_size: maxBatchSize,
    max_num_tokens: settings.number(`${prefix}_MAX_NUM_TOKENS`),
    max_seq_len: maxModelLen,
    kv_cache_config: {
      dtype: kvCacheType,
      enable_block_reuse: false,
      free_gpu_memory_fraction: settings.numberOr(`${prefix}_GPU_MEM_FRACTION`, 0.75),
    },
    // The cache can only be sent after a prefill iteration has ended, and the iteration is too large for a graph.
    disable_overlap_scheduler: role === 'prefill',
    ...defined({
      cuda_graph_config:
        role === 'decode' ? { enable_padding: true, max_batch_size: maxBatchSize } : undefined,
    }),
    moe_config: { backend: moeBackend(phase) },
    cache_transceiver_config: { backend: 'DEFAULT', max_tokens_in_buffer: isl > 1024 ? 8448 : 4608 },
    ...defined({
      speculative_config:
        mtpSize > 0 ? { decoding_type: 'MTP', num_nextn_predict_layers: mtpSize } : undefined,
    }),
    print_iter_log: true,
    stream_interval: 10,
  };
}
