import { explainLog } from '../failures/index.ts';
import type { Engine } from './engine.ts';
import { hostFlag } from './parts/listen-flags.ts';

/** AMD's ATOM. Its `--port` is not the port that serves requests. */
export const atom: Engine = {
  framework: 'atom',
  title: 'ATOM',
  marker: 'wye',
  protocol: 'openai',
  readiness: { path: '/health', timeoutS: 3600 },
  assumedInitS: 150,
  metrics: {
    path: '/metrics',
    names: {
      kvCacheUsage: ['atom:kv_cache_usage_ratio', 'atom_kv_cache_usage_ratio'],
      promptTokens: counter('prompt_tokens'),
      generationTokens: counter('generation_tokens'),
      prefixCacheQueries: counter('prefix_cache_full_tokens'),
      prefixCacheHits: counter('prefix_cache_cached_tokens'),
      externalCacheQueries: counter('prefix_cache_full_tokens'),
      externalCacheHits: counter('lmcache_loaded_tokens'),
    },
  },
  command: ({ modelPath, host, port, args }) => ({
    argv: [
      'python3',
      '-m',
      'atom.entrypoints.openai_server',
      '--model',
      modelPath,
      ...hostFlag(args, host, '0.0.0.0'),
      '--server-port',
      String(port),
      ...args,
    ],
    env: {},
  }),
  explainExit: explainLog,
};

/** A counter of ATOM; its router replaces the colon, and Prometheus clients may add the ending. */
function counter(name: string): readonly string[] {
  return [`atom:${name}_total`, `atom:${name}`, `atom_${name}_total`, `atom_${name}`];
}
