import type { Fields, OtherFormat } from './format.ts';

const serving = 'import the result of a serving benchmark';
const vllmServing = 'import a result of `vllm bench serve`';
const sglangServing = 'import a result of `sglang.bench_serving`';
const noServer = 'it measures an engine without a server and has no latencies';
const singleRequests = 'it contains only single requests';
const beside = (file: string): string => `import ${file} beside it`;

const inLists =
  (list: string, mark: string) =>
  (document: Fields): boolean => {
    const values = document[list];
    return Array.isArray(values) && values.some((value: unknown) => mark in Object(value));
  };

/** Files that people often have next to the readable results, each with what to import instead. */
export const otherFormats: readonly OtherFormat[] = [
  {
    title: 'a raw result of inferencemax',
    marks: ['model_id', 'fidelity', 'started_at'],
    why: 'it needs no import',
    instead: 'create its row with `inferencemax results process`',
  },
  {
    title: 'an aggregate row',
    marks: ['hw', 'conc', 'tput_per_gpu'],
    why: 'it is already processed, and needs no import',
    instead: 'use `inferencemax store ingest`',
  },
  {
    title: "vLLM's `bench serve` of embeddings or another task without output",
    marks: ['model_id', 'request_rate', 'duration', 'completed', 'total_input_tokens'],
    also: (document) => !('total_output_tokens' in document) && !('total_output' in document),
    why: 'nothing was generated, so it has no output throughput and no TTFT',
    instead: serving,
  },
  {
    title: "vLLM's `bench throughput`",
    marks: ['elapsed_time', 'num_requests', 'total_num_tokens', 'tokens_per_second'],
    why: noServer,
    instead: vllmServing,
  },
  {
    title: "vLLM's `bench latency`",
    marks: ['avg_latency', 'latencies', 'percentiles'],
    why: 'it measures single batches without a server',
    instead: vllmServing,
  },
  {
    title: "vLLM's result in the form of PyTorch's benchmark database",
    marks: ['benchmark', 'metric', 'model'],
    why: 'it holds one metric of a result',
    instead: 'import the file of the same name without `.pytorch`',
  },
  {
    title: "SGLang's `bench_offline_throughput`",
    marks: ['successful_requests', 'total_latency', 'last_gen_throughput'],
    why: noServer,
    instead: sglangServing,
  },
  {
    title: "SGLang's `bench_one_batch`",
    marks: ['run_name', 'batch_size', 'input_len', 'output_len'],
    why: 'it measures a single batch, without requests',
    instead: sglangServing,
  },
  {
    title: "AIPerf's profile_export.jsonl",
    marks: ['metadata', 'metrics'],
    also: ({ metadata }) => 'request_start_ns' in Object(metadata),
    why: singleRequests,
    instead: beside('profile_export_aiperf.json'),
  },
  {
    title: "perf_analyzer's profile_export.json",
    marks: ['experiments', 'version', 'service_kind'],
    why: `${singleRequests} and names no model`,
    instead: beside('profile_export_genai_perf.json'),
  },
  {
    title: 'a report of GuideLLM before version 0.2',
    marks: ['benchmarks'],
    also: (document) =>
      inLists('benchmarks', 'concurrencies')(document) || inLists('benchmarks', 'benchmarks')(document),
    why: 'it has no distributions; those of version 0.2 and later are read',
    instead: 'measure again with a newer GuideLLM',
  },
  {
    title: "llmperf's *_individual_responses.json",
    marks: ['end_to_end_latency_s', 'number_output_tokens', 'request_output_throughput_token_per_s'],
    why: 'it has no send times of requests, so throughput cannot be computed',
    instead: beside('*_summary.json'),
  },
  {
    title: "inference-perf's metrics of the server, from Prometheus",
    marks: ['load_summary', 'successes', 'failures'],
    also: ({ successes }) => 'queue_len' in Object(successes) || 'rate' in Object(successes),
    why: 'they are not what a client measured',
    instead: beside('*_lifecycle_metrics.json'),
  },
  {
    title: "inference-perf's per_request_lifecycle_metrics.json",
    marks: ['start_time', 'end_time', 'request', 'info'],
    why: singleRequests,
    instead: beside('summary_lifecycle_metrics.json or stage_N_lifecycle_metrics.json'),
  },
];
