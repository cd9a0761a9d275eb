import { explainLog } from '../failures/index.ts';
import type { Engine } from './engine.ts';
import { hostFlag } from './parts/listen-flags.ts';
import { trtAcceptance } from './parts/trt-acceptance.ts';

/** TensorRT-LLM's server, which starts an MPI rank per GPU. Its model name is the last part of the path. */
export const trt: Engine = {
  framework: 'trt',
  title: 'TensorRT-LLM',
  marker: 'triangle',
  protocol: 'openai',
  readiness: { path: '/health', timeoutS: 3600 },
  assumedInitS: 240,
  // Its `/metrics` is JSON about iterations, which a reader consumes. The first versions had names without a prefix.
  metrics: {
    path: '/prometheus/metrics',
    enabledBy: 'return_perf_metrics: true',
    names: {
      running: 'trtllm_num_requests_running',
      waiting: 'trtllm_num_requests_waiting',
      kvCacheUsage: 'trtllm_kv_cache_utilization',
      promptTokens: 'trtllm_prompt_tokens_total',
      generationTokens: 'trtllm_generation_tokens_total',
      specDraftedTokens: [
        'trtllm_spec_decode_num_draft_tokens_total',
        'trtllm_spec_decode_drafted_tokens_total',
      ],
      specAcceptedTokens: [
        'trtllm_spec_decode_num_accepted_tokens_total',
        'trtllm_spec_decode_accepted_tokens_total',
      ],
      specAcceptanceLength: 'trtllm_spec_decode_acceptance_length',
      finishedRequests: ['trtllm_request_success_total', 'request_success_total'],
      prefixCacheQueries: 'trtllm_prompt_tokens_total',
      prefixCacheHits: 'trtllm_prompt_cached_tokens_total',
    },
    latencies: {
      ttft: ['trtllm_time_to_first_token_seconds', 'time_to_first_token_seconds'],
      tpot: ['trtllm_time_per_output_token_seconds', 'time_per_output_token_seconds'],
      e2el: ['trtllm_e2e_request_latency_seconds', 'e2e_request_latency_seconds'],
      queue: ['trtllm_request_queue_time_seconds', 'request_queue_time_seconds'],
      prefill: 'trtllm_request_prefill_time_seconds',
      decode: 'trtllm_request_decode_time_seconds',
    },
  },
  weights: 'hugging-face',
  installed: { program: 'trtllm-serve', packages: ['tensorrt-llm'] },
  version: { path: '/version', field: 'version' },
  forcedAcceptance: trtAcceptance,
  command: ({ program, modelPath, host, port, args }) => ({
    argv: [
      'mpirun',
      '-n',
      '1',
      '--oversubscribe',
      '--allow-run-as-root',
      program ?? 'trtllm-serve',
      modelPath,
      ...hostFlag(args, host, 'localhost'),
      '--port',
      String(port),
      ...args,
    ],
    env: {},
  }),
  explainExit: explainLog,
};
