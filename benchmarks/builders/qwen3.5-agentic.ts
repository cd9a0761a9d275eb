import { offloadFields } from '../../src/identity/index.ts';
import type { Recipe } from '../../src/plan/index.ts';
import type { Flags } from './flags.ts';
import { type KvOffload, requestsInFlight, type SingleNodePoint, singleNode } from './single-node.ts';

/** Why the limits of the highest concurrency of a start may serve lower ones. */
const caps = {
  '--max-running-requests':
    'it is twice the number of session trees; agents of fewer trees have fewer requests in flight',
  '--cuda-graph-max-bs': 'graphs of larger batches are captured at the start and not used by smaller ones',
};

/** Speculated tokens, and the golden acceptance length for them that the public benchmark forces (contract F8). */
const speculation = { steps: 3, acceptanceLength: '3.39' };

/** Qwen3.5 397B on one Blackwell node, serving agent sessions with SGLang. */
export function qwenAgents(quantization: Flags): Recipe {
  return singleNode(
    (point) => ({
      flags: {
        '--host': '0.0.0.0',
        '--trust-remote-code': true,
        '--tp': point.tp,
        '--dp': 1,
        '--ep-size': point.ep,
        '--enable-symm-mem': true,
        ...quantization,
        '--kv-cache-dtype': 'fp8_e4m3',
        '--mamba-ssm-dtype': 'bfloat16',
        '--attention-backend': 'trtllm_mha',
        '--moe-runner-backend': 'flashinfer_trtllm',
        '--cuda-graph-max-bs': point.maxConc,
        '--max-running-requests': requestsInFlight(point),
        '--max-prefill-tokens': 16_384,
        '--chunked-prefill-size': 16_384,
        '--mem-fraction-static': '0.80',
        '--stream-interval': 50,
        '--scheduler-recv-interval': 10,
        '--tokenizer-worker-num': point.tp >= 4 ? 6 : undefined,
        '--tokenizer-path': point.model,
        '--reasoning-parser': 'qwen3',
        '--tool-call-parser': 'qwen3_coder',
        ...speculating(point),
        '--enable-metrics': true,
        '--enable-cache-report': true,
        ...hiCache(point.offload, { tp: point.tp, mostGb: 144 }),
      },
      env: {
        NCCL_NVLS_ENABLE: '1',
        PYTHONNOUSERSITE: '1',
        SGLANG_ENABLE_FLASHINFER_GEMM: 'true',
        SGLANG_TIMEOUT_KEEP_ALIVE: '1800',
        SGL_ENABLE_JIT_DEEPGEMM: 'false',
        TORCH_CUDA_ARCH_LIST: '10.0',
        ...acceptance(point),
      },
    }),
    { heeds: offloadFields, caps },
  );
}

function speculating({ mtp }: SingleNodePoint): Flags {
  if (!mtp) return {};
  return {
    '--speculative-algorithm': 'NEXTN',
    '--speculative-num-steps': speculation.steps,
    '--speculative-eagle-topk': 1,
    '--speculative-num-draft-tokens': speculation.steps + 1,
  };
}

function acceptance({ mtp }: SingleNodePoint): Readonly<Record<string, string>> {
  if (!mtp) return {};
  return {
    SGLANG_SIMULATE_ACC_LEN: speculation.acceptanceLength,
    SGLANG_SIMULATE_ACC_METHOD: 'match-expected',
    SGLANG_SIMULATE_ACC_TOKEN_MODE: 'real-draft-token',
  };
}

/** A hybrid model has two pools in host memory: attention and state. */
const pools = 2;

/** SGLang's HiCache: KV pages in host memory, whose size is stated per GPU and pool in GB. */
function hiCache(
  offload: KvOffload | undefined,
  { tp, mostGb }: { readonly tp: number; readonly mostGb: number },
): Flags {
  if (offload === undefined) return {};
  return {
    '--page-size': 64,
    '--enable-hierarchical-cache': true,
    '--hicache-size': Math.min(mostGb, Math.floor(offload.dramGb / (pools * tp))),
    '--hicache-io-backend': 'kernel',
    '--hicache-mem-layout': 'page_first',
    '--hicache-write-policy': 'write_through_selective',
  };
}
