import { defined } from '../../src/defined/defined.ts';
import type { Recipe } from '../../src/plan/index.ts';
import { type SingleNodePoint, type SingleNodeServer, singleNode } from './single-node.ts';

/** TensorRT-LLM's `trtllm-serve` on the PyTorch backend. */
export function trt(
  server: (point: SingleNodePoint) => SingleNodeServer,
  rest: Omit<Recipe, 'server'> = {},
): Recipe {
  return singleNode((point) => {
    const { flags, ...others } = server(point);
    return {
      ...others,
      flags: {
        '--trust_remote_code': true,
        '--backend': 'pytorch',
        '--tp_size': point.tp,
        '--ep_size': point.ep,
        ...flags,
      },
    };
  }, rest);
}

/** Why a larger batch may be declared than a point needs. */
export const batchCap =
  'a batch is never larger than the concurrency (a rank of data-parallel attention is dealt an even share of it), and a smaller batch runs in the same CUDA graph as before';
const tokenBudgetCap =
  'an iteration still takes in the same number of whole prompts; the recipe raises it no further than that';

interface DeepSeek {
  /** `fp4` or `fp8`, for the name of the options file. */
  readonly precision: string;
  readonly cudaGraphMaxBatch: number;
  readonly kvCacheFraction: number;
  readonly moeBackend: (point: SingleNodePoint) => string;
  readonly env?: (point: SingleNodePoint) => Readonly<Record<string, string>>;
}

/** DeepSeek-R1, with multi-token prediction if the entry requests it. */
export function deepSeek(options: DeepSeek): Recipe {
  return trt((point) => deepSeekServer(point, options), {
    client: ({ entry }) => ({ useChatTemplate: entry['spec-decoding'] === 'mtp' }),
    caps: { '--max_batch_size': batchCap, '--max_num_tokens': tokenBudgetCap },
  });
}

function deepSeekServer(
  point: SingleNodePoint,
  { precision, cudaGraphMaxBatch, kvCacheFraction, moeBackend, env }: DeepSeek,
): SingleNodeServer {
  const { mtp, attentionDp, maxModelLen } = point;
  const optionsFile = `dsr1-${precision}${mtp ? '-mtp' : ''}.yml`;
  return {
    flags: {
      '--max_batch_size': mtp ? perRankBatch(point, point.maxConc) : undefined,
      '--max_seq_len': maxModelLen,
      '--max_num_tokens': tokenBudget(point),
      '--extra_llm_api_options': optionsFile,
    },
    ...defined({ env: env?.(point) }),
    yaml: {
      [optionsFile]: {
        cuda_graph_config: { enable_padding: true, max_batch_size: cudaGraphMaxBatch },
        enable_attention_dp: attentionDp,
        print_iter_log: true,
        kv_cache_config: {
          dtype: 'fp8',
          free_gpu_memory_fraction: kvCacheFraction,
          enable_block_reuse: false,
        },
        stream_interval: 10,
        moe_config: { backend: moeBackend(point) },
        ...defined({
          speculative_config: mtp
            ? { decoding_type: 'MTP', num_nextn_predict_layers: draftTokens(point) }
            : undefined,
          attention_dp_config: attentionDp
            ? { batching_wait_iters: 0, enable_balance: true, timeout_iters: 60 }
            : undefined,
        }),
      },
    },
  };
}

/** Draft tokens per step: fewer with attention data parallelism, whose batches already fill the GPU. */
function draftTokens({ mtp, attentionDp }: SingleNodePoint): number {
  if (!mtp) return 0;
  return attentionDp ? 1 : 3;
}

/** With attention data parallelism, each rank holds its share of the requests. */
function perRankBatch({ attentionDp, tp }: SingleNodePoint, conc: number): number {
  return attentionDp ? Math.max(1, Math.floor(conc / tp)) : conc;
}

/**
 * Tokens per iteration: one prompt, plus what every request of the batch decodes in a step, in blocks of 64 with one
 * spare block. Without multi-token prediction, the public scripts use the whole concurrency on every rank.
 */
function tokenBudget(point: SingleNodePoint): number {
  const budgetFor = (conc: number) => {
    const decoded = point.mtp ? perRankBatch(point, conc) * (1 + draftTokens(point)) : conc;
    return Math.floor((decoded + point.isl + 64 + 63) / 64) * 64;
  };
  // Prompts have at least 0.8 of the input length (contract §4).
  const wholePrompts = (budget: number) => Math.floor(budget / (0.8 * point.isl));
  const shared = budgetFor(point.maxConc);
  const own = budgetFor(point.conc);
  return wholePrompts(shared) === wholePrompts(own) ? shared : own;
}

interface GptOss {
  readonly optionsFile: string;
  readonly kvCacheType: string;
  readonly moeBackend: string;
}

/** The extra options for gpt-oss. */
export function gptOssOptions(
  point: SingleNodePoint,
  { optionsFile, kvCacheType, moeBackend }: GptOss,
): NonNullable<SingleNodeServer['yaml']> {
  return {
    [optionsFile]: {
      cuda_graph_config: { enable_padding: true, max_batch_size: point.maxConc },
      enable_attention_dp: point.attentionDp,
      kv_cache_config: { dtype: kvCacheType, enable_block_reuse: false, free_gpu_memory_fraction: 0.85 },
      print_iter_log: true,
      stream_interval: 20,
      num_postprocess_workers: 4,
      moe_config: { backend: moeBackend },
      ...defined({ attention_dp_config: point.attentionDp ? { enable_balance: true } : undefined }),
    },
  };
}
