import { z } from 'zod';
import { defined } from '../../defined/defined.ts';
import { figuresOf } from './claim.ts';
import { concurrency, type Fields, numeric, numericOrNone, type ResultFormat, startOf } from './format.ts';

const summarySchema = z.looseObject({
  version: z.string().nullish(),
  timestamp: numericOrNone,
  model: z.string(),
  num_concurrent_requests: concurrency,
  results_num_requests_started: numericOrNone,
  results_num_completed_requests: numeric,
  results_num_completed_requests_per_min: numeric,
  results_number_errors: numericOrNone,
  results_mean_output_throughput_token_per_s: numeric,
  results_number_input_tokens_mean: numericOrNone,
  results_number_output_tokens_mean: numericOrNone,
});

/**
 * The summary of llmperf's `token_benchmark_ray.py`, in seconds and flattened. Its inter-token latency includes the first
 * token, unlike any latency of the contract. It does not record its duration, but the number of requests per minute.
 */
export const llmperf: ResultFormat = {
  tool: 'llmperf',
  title: "llmperf's *_summary.json",
  marks: ['results_num_completed_requests', 'num_concurrent_requests', 'model'],
  read: (document, context) => {
    const result = summarySchema.parse(document);
    const completed = result.results_num_completed_requests;
    const durationS = (60 * completed) / result.results_num_completed_requests_per_min;
    const model = context.model ?? result.model;
    const { results_number_errors: failed = null, results_number_output_tokens_mean: outputMean } = result;
    const outputTokens = Math.round(result.results_mean_output_throughput_token_per_s * durationS);
    const inputMean = result.results_number_input_tokens_mean;
    const { timestamp } = result;
    return [
      {
        tool: 'llmperf',
        ...defined({ version: result.version ?? undefined }),
        startedAt: startOf(
          timestamp === undefined ? context.writtenAt : new Date(1000 * timestamp),
          durationS,
        ),
        backend: 'llmperf',
        model,
        tokenizer: 'hf-internal-testing/llama-tokenizer',
        requestRate: 'inf',
        burstiness: 1,
        maxConcurrency: context.concurrency ?? result.num_concurrent_requests,
        durationS,
        asked: result.results_num_requests_started ?? null,
        completed,
        failed,
        inputTokens: inputMean === undefined ? null : Math.round(inputMean * completed),
        outputTokens,
        rates: { outputTokens: result.results_mean_output_throughput_token_per_s },
        restatements:
          outputMean === undefined
            ? []
            : [
                {
                  field: 'results_number_output_tokens_mean',
                  value: outputMean,
                  follows: outputTokens / completed,
                },
              ],
        latencies: {
          ttft: figuresIn(result, 'results_ttft_s'),
          e2el: figuresIn(result, 'results_end_to_end_latency_s'),
        },
        names: { ttft: 'results_ttft_s', e2el: 'results_end_to_end_latency_s' },
        reasons: ["tokens are counted by a Llama tokenizer, not by the model's"],
      },
    ];
  },
};

const figureNames: Readonly<Record<string, string>> = {
  mean: 'mean',
  min: 'min',
  max: 'max',
  stddev: 'std',
  quantiles_p25: 'p25',
  quantiles_p50: 'median',
  quantiles_p75: 'p75',
  quantiles_p90: 'p90',
  quantiles_p95: 'p95',
  quantiles_p99: 'p99',
};

function figuresIn(result: Fields, prefix: string): Record<string, number> {
  const found = Object.entries(figureNames).map(([field, name]) => [
    name,
    numericOrNone.parse(result[`${prefix}_${field}`]),
  ]);
  return figuresOf(Object.fromEntries(found), 1000);
}
