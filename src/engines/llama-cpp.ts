import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { explainLog } from '../failures/index.ts';
import type { Engine } from './engine.ts';

/** The path of the server in llama.cpp's container images; it is not on their PATH. */
const programOfImages = '/app/llama-server';

/**
 * llama.cpp: its own `llama-server` if it is installed or in a container image, otherwise our OpenAI-compatible server
 * (`src/llama-server/`) as a separate process.
 */
export const llamaCpp: Engine = {
  framework: 'llama.cpp',
  title: 'llama.cpp',
  marker: 'cross',
  protocol: 'openai',
  readiness: { path: '/health', timeoutS: 120 },
  assumedInitS: 3,
  // The names of our server come first, then those of llama.cpp.
  metrics: {
    path: '/metrics',
    enabledBy: '--metrics',
    names: {
      running: ['llamacpp:num_requests_running', 'llamacpp:requests_processing'],
      waiting: ['llamacpp:num_requests_waiting', 'llamacpp:requests_deferred'],
      kvCacheUsage: 'llamacpp:kv_cache_usage_ratio',
      promptTokens: 'llamacpp:prompt_tokens_total',
      generationTokens: ['llamacpp:generation_tokens_total', 'llamacpp:tokens_predicted_total'],
      specDrafts: 'llamacpp:spec_decode_num_drafts_total',
      specDraftedTokens: 'llamacpp:spec_decode_num_draft_tokens_total',
      specAcceptedTokens: 'llamacpp:spec_decode_num_accepted_tokens_total',
      finishedRequests: 'llamacpp:request_success_total',
      // llama.cpp's prompt tokens are those that were not in the cache.
      prefixCacheHits: 'llamacpp:prompt_tokens_cached_total',
      prefixCacheMisses: 'llamacpp:prompt_tokens_total',
    },
    latencies: {
      ttft: 'llamacpp:time_to_first_token_seconds',
      itl: 'llamacpp:inter_token_latency_seconds',
      e2el: 'llamacpp:e2e_request_latency_seconds',
      queue: 'llamacpp:request_queue_time_seconds',
      prefill: 'llamacpp:request_prefill_time_seconds',
      decode: 'llamacpp:request_decode_time_seconds',
    },
    draftPositions: {
      name: 'llamacpp:spec_decode_num_accepted_tokens_per_pos_total',
      label: 'position',
      by: 'position',
    },
  },
  installed: { program: 'llama-server', npmPackage: 'node-llama-cpp' },
  version: { path: '/props', field: 'build_info' },
  command: ({ engineDir, program, modelPath, servedModelName, host, port, args }) => {
    if (program !== undefined || engineDir === undefined) {
      const listen = ['--host', host, '--port', String(port)];
      return {
        argv: [
          program ?? programOfImages,
          '--model',
          modelPath,
          '--alias',
          servedModelName,
          ...listen,
          '--metrics',
          ...args,
        ],
        env: {},
      };
    }
    const server = fileURLToPath(
      new URL(`../llama-server/server${extname(import.meta.url)}`, import.meta.url),
    );
    const own = {
      'engine-dir': engineDir,
      model: modelPath,
      'served-model-name': servedModelName,
      host,
      port,
    };
    return {
      argv: [
        process.execPath,
        server,
        ...Object.entries(own).flatMap(([name, value]) => [`--${name}`, String(value)]),
        ...args,
      ],
      env: {},
    };
  },
  explainExit: explainLog,
};
