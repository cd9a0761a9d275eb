import { explainLog } from '../failures/index.ts';
import type { Engine } from './engine.ts';
import { atomAcceptance } from './parts/atom-acceptance.ts';
import { hostFlag } from './parts/listen-flags.ts';

/** AMD's ATOM. Its `--port` is not the port that serves requests. */
export const atom: Engine = {
  framework: 'atom',
  title: 'ATOM',
  marker: 'wye',
  protocol: 'openai',
  readiness: { path: '/health', timeoutS: 3600 },
  assumedInitS: 150,
  forcedAcceptance: atomAcceptance,
  metrics: {
    path: '/metrics',
    names: {
      running: 'atom:requests_running',
      waiting: 'atom:requests_waiting',
      kvCacheUsage: 'atom:kv_cache_usage_ratio',
      promptTokens: 'atom:prompt_tokens_total',
      generationTokens: 'atom:generation_tokens_total',
      preemptions: 'atom:preemptions_total',
      specDraftedTokens: 'atom:mtp_draft_tokens_total',
      specAcceptedTokens: 'atom:mtp_accepted_tokens_total',
      // Since the start of the engine; versions before the counters have only these.
      specAcceptance: 'atom:mtp_acceptance_rate',
      specAcceptanceLength: 'atom:mtp_average_tokens_per_forward',
      finishedRequests: 'atom:requests_finished_total',
      prefixCacheQueries: 'atom:prefix_cache_full_tokens_total',
      prefixCacheHits: 'atom:prefix_cache_cached_tokens_total',
      externalCacheQueries: 'atom:prefix_cache_full_tokens_total',
      externalCacheHits: ['atom:lmcache_loaded_tokens_total', 'atom_lmcache_loaded_tokens_total'],
    },
    draftPositions: { name: 'atom:mtp_decode_steps_total', label: 'accepted_tokens', by: 'accepted' },
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
