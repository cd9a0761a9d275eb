import type { Recipe } from '../../src/plan/index.ts';
import { type SingleNodePoint, type SingleNodeServer, singleNode } from './single-node.ts';

/** SGLang's server on one node. */
export function sglang(server: (point: SingleNodePoint) => SingleNodeServer): Recipe {
  return singleNode((point) => {
    const { flags, ...rest } = server(point);
    return {
      ...rest,
      flags: {
        '--host': '0.0.0.0',
        '--tensor-parallel-size': point.tp,
        '--disable-radix-cache': point.replayed ? undefined : true,
        ...flags,
      },
    };
  });
}

/** Decoding steps between two checks of the scheduler's inbox: rare checks once batches are large. */
export function receiveInterval({ conc }: SingleNodePoint): number {
  return conc >= 16 ? 30 : 10;
}

/** DeepSeek-R1 on AMD GPUs. */
export function deepSeekOnAmd(server: () => SingleNodeServer): Recipe {
  return sglang(() => {
    const { flags, env, ...rest } = server();
    return {
      ...rest,
      flags: {
        '--trust-remote-code': true,
        '--chunked-prefill-size': 196_608,
        '--max-prefill-tokens': 196_608,
        '--mem-fraction-static': 0.8,
        '--num-continuous-decode-steps': 4,
        '--cuda-graph-max-bs': 128,
        ...flags,
      },
      env: { SGLANG_USE_AITER: '1', ...env },
    };
  });
}
