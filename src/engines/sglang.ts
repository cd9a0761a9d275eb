import { join } from 'node:path';
import { explainLog } from '../failures/index.ts';
import type { Engine } from './engine.ts';
import { hostFlag } from './parts/listen-flags.ts';
import { revised } from './parts/revision.ts';
import { sglangAcceptance } from './parts/sglang-acceptance.ts';

/** SGLang's single-node server. */
export const sglang: Engine = {
  framework: 'sglang',
  title: 'SGLang',
  marker: 'square',
  protocol: 'openai',
  readiness: { path: '/health', timeoutS: 3600 },
  assumedInitS: 150,
  metrics: {
    path: '/metrics',
    enabledBy: '--enable-metrics',
    names: {
      running: 'sglang:num_running_reqs',
      waiting: 'sglang:num_queue_reqs',
      kvCacheUsage: 'sglang:token_usage',
      promptTokens: 'sglang:prompt_tokens_total',
      generationTokens: 'sglang:generation_tokens_total',
      // Gauges with the means of the last steps; it counts neither drafted nor accepted tokens.
      specAcceptance: 'sglang:spec_accept_rate',
      specAcceptanceLength: 'sglang:spec_accept_length',
      specDrafts: 'sglang:spec_verify_calls_total',
      preemptions: 'sglang:num_retracted_requests_total',
      finishedRequests: 'sglang:num_requests_total',
      // Prompt tokens include cached ones.
      prefixCacheQueries: 'sglang:prompt_tokens_total',
      prefixCacheHits: 'sglang:cached_tokens_total',
    },
    promptTokensFrom: {
      gpuCache: { name: 'sglang:cached_tokens_total', label: ['cache_source', 'device'] },
      cpuOrExternalCache: { name: 'sglang:cached_tokens_total', label: ['cache_source', 'host'] },
      computed: { name: 'sglang:realtime_tokens_total', label: ['mode', 'prefill_compute'] },
    },
    latencies: {
      ttft: 'sglang:time_to_first_token_seconds',
      itl: ['sglang:inter_token_latency_seconds', 'sglang:time_per_output_token_seconds'],
      e2el: 'sglang:e2e_request_latency_seconds',
      queue: 'sglang:queue_time_seconds',
    },
  },
  weights: 'hugging-face',
  installed: { program: 'python3', packages: ['sglang'] },
  version: { path: '/get_server_info', field: 'version' },
  cacheResetPath: '/flush_cache',
  profiler: { settings: (folder) => ({ args: [], env: { SGLANG_TORCH_PROFILER_DIR: folder } }) },
  dummyWeights: ['--load-format', 'dummy'],
  forcedAcceptance: sglangAcceptance,
  command: ({ engineDir, program, modelPath, servedModelName, host, port, args }) => ({
    argv: [
      program ?? (engineDir === undefined ? 'python3' : join(engineDir, 'bin', 'python')),
      '-m',
      'sglang.launch_server',
      '--model-path',
      ...revised(modelPath),
      ...hostFlag(args, host, '127.0.0.1'),
      '--port',
      String(port),
      ...(modelPath === servedModelName ? [] : ['--served-model-name', servedModelName]),
      ...args,
    ],
    env: {},
  }),
  explainExit: explainLog,
};
