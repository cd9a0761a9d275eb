import { describe, expect, test } from 'vitest';
import { atom } from './atom.ts';
import { dynamoSglang } from './dynamo-sglang.ts';
import { engineOfMetrics, type PublishingEngine } from './published-metrics.ts';
import { sglang } from './sglang.ts';
import { trt } from './trt.ts';

const words = (text: string) => text.trim().split(/\s+/);

/** Metrics that engines publish according to their source code in 2026. */
const published = {
  // sgl-project/sglang, python/sglang/srt/observability/metrics_collector.py
  sglang: {
    engine: sglang,
    single: words(`
      sglang:num_running_reqs sglang:num_used_tokens sglang:token_usage sglang:gen_throughput sglang:num_queue_reqs
      sglang:cache_hit_rate sglang:spec_accept_length sglang:spec_accept_rate sglang:num_retracted_reqs
      sglang:num_retracted_requests_total sglang:prompt_tokens_total sglang:generation_tokens_total
      sglang:cached_tokens_total sglang:num_requests_total sglang:num_aborted_requests_total
      sglang:spec_verify_calls_total`),
    histograms: words(`
      sglang:queue_time_seconds sglang:time_to_first_token_seconds sglang:inter_token_latency_seconds
      sglang:e2e_request_latency_seconds sglang:num_retractions`),
  },
  // NVIDIA/TensorRT-LLM, tensorrt_llm/metrics/collector.py
  trt: {
    engine: trt,
    single: words(`
      trtllm_request_success_total trtllm_prompt_tokens_total trtllm_generation_tokens_total
      trtllm_prompt_cached_tokens_total trtllm_spec_decode_drafted_tokens_total trtllm_spec_decode_accepted_tokens_total
      trtllm_spec_decode_num_draft_tokens_total trtllm_spec_decode_num_accepted_tokens_total trtllm_kv_cache_hit_rate
      trtllm_kv_cache_utilization trtllm_num_requests_running trtllm_num_requests_waiting
      trtllm_spec_decode_acceptance_length trtllm_spec_decode_draft_overhead`),
    histograms: words(`
      trtllm_e2e_request_latency_seconds trtllm_time_to_first_token_seconds trtllm_time_per_output_token_seconds
      trtllm_request_queue_time_seconds trtllm_request_prefill_time_seconds trtllm_request_decode_time_seconds
      trtllm_request_inference_time_seconds`),
  },
  // ROCm/ATOM, docs of its metrics; the client library adds _total to counters
  atom: {
    engine: atom,
    single: words(`
      atom:requests_running atom:requests_waiting atom:kv_cache_usage_ratio atom:requests_finished_total
      atom:prompt_tokens_total atom:generation_tokens_total atom:preemptions_total atom:mtp_draft_tokens_total
      atom:mtp_accepted_tokens_total atom:mtp_acceptance_rate atom:mtp_average_tokens_per_forward
      atom:mtp_decode_steps_total atom:prefix_cache_cached_tokens_total atom:prefix_cache_full_tokens_total atom:lmcache_loaded_tokens_total`),
    histograms: [],
  },
  // ai-dynamo/dynamo, lib/runtime/src/metrics/prometheus_names.rs
  dynamo: {
    engine: dynamoSglang,
    single: words(`
      dynamo_frontend_requests_total dynamo_frontend_queued_requests dynamo_frontend_inflight_requests
      dynamo_frontend_disconnected_clients dynamo_frontend_output_tokens_total`),
    histograms: words(`
      dynamo_frontend_request_duration_seconds dynamo_frontend_input_sequence_tokens
      dynamo_frontend_output_sequence_tokens dynamo_frontend_cached_tokens dynamo_frontend_time_to_first_token_seconds
      dynamo_frontend_inter_token_latency_seconds`),
  },
};

const alternatives = (named: object): string[][] =>
  Object.values(named).map((names: string | readonly string[]) => [names].flat());

/** An answer of the metrics endpoint, in the text format of Prometheus. */
function exposition(single: readonly string[], histograms: readonly string[]): string {
  const samples = [
    ...single.map((name) => `${name}{model_name="org/model"} 1`),
    ...histograms.flatMap((name) => [
      `${name}_bucket{le="+Inf",model_name="org/model"} 1`,
      `${name}_sum{model_name="org/model"} 0.1`,
      `${name}_count{model_name="org/model"} 1`,
    ]),
  ];
  return `${samples.join('\n')}\n`;
}

describe.each(Object.entries(published))('%s', (_, { engine, single, histograms }) => {
  test('publishes all metrics that we read', () => {
    const { names = {}, latencies = {} } = engine.metrics ?? {};
    const missingIn = (known: readonly string[], named: object) =>
      alternatives(named).filter((each) => !each.some((name) => known.includes(name)));
    // The sum of a histogram is a counter, too.
    const counted = [...single, ...histograms.map((name) => `${name}_sum`)];
    expect(missingIn(counted, names)).toEqual([]);
    expect(missingIn(histograms, latencies)).toEqual([]);
  });

  test('is recognised by its metrics', () => {
    const found: PublishingEngine | undefined = engineOfMetrics([exposition(single, histograms)]);
    expect(found?.metrics).toBe(engine.metrics);
  });
});

test('recognises the first versions of TensorRT-LLM, whose metrics have no prefix', () => {
  const histograms = ['e2e_request_latency_seconds', 'time_to_first_token_seconds'];
  const text = exposition(['request_success_total'], histograms);
  expect(engineOfMetrics([text])?.framework).toBe(trt.framework);
});
