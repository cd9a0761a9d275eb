import type { Recipe } from '../../src/plan/index.ts';
import {
  is1k1k,
  requestsInFlight,
  type SingleNodePoint,
  type SingleNodeServer,
  singleNode,
} from './single-node.ts';

/** Why `--max-num-seqs` may be raised to the highest concurrency of a shared start. */
const maxNumSeqs =
  'the load generator never keeps more requests in flight than the concurrency, and agents seldom more than twice as many, so the scheduler does not reach the cap';

/** vLLM's OpenAI server. */
export function vllm(
  server: (point: SingleNodePoint) => SingleNodeServer,
  { capsSequences = false }: { readonly capsSequences?: boolean } = {},
): Recipe {
  return singleNode(
    (point) => {
      const { flags, ...rest } = server(point);
      return {
        ...rest,
        flags: {
          '--tensor-parallel-size': point.tp,
          '--enable-expert-parallel': point.ep > 1 ? true : undefined,
          ...flags,
          '--max-num-seqs': capsSequences ? requestsInFlight(point) : flags['--max-num-seqs'],
        },
      };
    },
    capsSequences ? { caps: { '--max-num-seqs': maxNumSeqs } } : {},
  );
}

/** The context length that the public scripts for NVIDIA GPUs use: less than the entry allows if that is enough. */
export function tightModelLen(point: SingleNodePoint): number {
  return is1k1k(point) ? point.isl + point.osl + 20 : point.maxModelLen;
}

/** The part of the config file that all NVIDIA GPUs share. */
export const nvidiaConfig = {
  'async-scheduling': true,
  'no-enable-prefix-caching': true,
  'max-cudagraph-capture-size': 2048,
  'max-num-batched-tokens': 8192,
};

/** gpt-oss on AMD GPUs. */
export function gptOssOnAmd(server: (point: SingleNodePoint) => SingleNodeServer): Recipe {
  return vllm((point) => {
    const { flags, env, ...rest } = server(point);
    return {
      flags: {
        '--gpu-memory-utilization': 0.95,
        '--max-model-len': point.maxModelLen,
        '--max-seq-len-to-capture': point.maxModelLen,
        '--block-size': 64,
        '--no-enable-prefix-caching': true,
        '--disable-log-requests': true,
        '--async-scheduling': true,
        ...flags,
      },
      env: { VLLM_ROCM_USE_AITER_MHA: '0', VLLM_USE_AITER_UNIFIED_ATTENTION: '1', ...env },
      ...rest,
    };
  });
}
