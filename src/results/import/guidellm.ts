import { z } from 'zod';
import { dated, figures, frame, type ResultFormat } from './format.ts';

const distribution = z.looseObject({
  mean: z.number(),
  median: z.number(),
  std_dev: z.number(),
  count: z.number(),
  total_sum: z.number(),
  percentiles: z.looseObject({ p90: z.number(), p95: z.number(), p99: z.number(), p999: z.number() }),
});
const ofSuccessful = z.looseObject({ successful: distribution });

const benchmarkSchema = z.looseObject({
  start_time: z.number(),
  end_time: z.number(),
  config: z
    .looseObject({
      strategy: z
        .looseObject({
          type_: z.string().optional(),
          streams: z.int().positive().nullish(),
          max_concurrency: z.int().positive().nullish(),
          rate: z.number().nullish(),
        })
        .optional(),
    })
    .optional(),
  metrics: z.looseObject({
    request_totals: z.looseObject({ successful: z.number(), errored: z.number(), incomplete: z.number() }),
    request_latency: ofSuccessful,
    prompt_token_count: ofSuccessful,
    output_token_count: ofSuccessful,
    time_to_first_token_ms: ofSuccessful,
    inter_token_latency_ms: ofSuccessful,
  }),
});

const reportSchema = z.looseObject({
  metadata: z.looseObject({ guidellm_version: z.string().optional() }).optional(),
  benchmarks: z.array(benchmarkSchema).min(1, 'no benchmark in it'),
});

/** The first model that is named anywhere in the settings of a report: versions keep it in different places. */
function modelIn(settings: unknown): string | undefined {
  if (typeof settings !== 'object' || settings === null) return undefined;
  for (const [name, value] of Object.entries(settings)) {
    if (name === 'model' && typeof value === 'string' && value !== '') return value;
  }
  for (const value of Object.values(settings)) {
    const found = modelIn(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * GuideLLM's `benchmarks.json`, a result for each benchmark in it, of successful requests. Its inter-token latency is
 * the time after the first token over the tokens after it: what the contract calls TPOT; its own TPOT counts the
 * first token in. It has no gaps between single tokens.
 */
export const guidellm: ResultFormat = {
  tool: 'guidellm',
  title: "GuideLLM's benchmarks.json",
  recognises: (document) => 'benchmarks' in document && Array.isArray(document.benchmarks),
  read: (document, context) => {
    const { metadata, benchmarks } = reportSchema.parse(document);
    const model =
      context.model ?? modelIn({ ...Object(document), benchmarks: undefined }) ?? modelOfFirst(benchmarks);
    if (model === undefined) throw new Error('it does not say which model was served; give --model');
    return benchmarks.map(({ start_time: start, end_time: end, config, metrics }) => {
      const strategy = config?.strategy;
      const durationS = end - start;
      const { successful, errored } = metrics.request_totals;
      const inputTokens = Math.round(metrics.prompt_token_count.successful.total_sum);
      const outputTokens = Math.round(metrics.output_token_count.successful.total_sum);
      const own = strategy?.streams ?? strategy?.max_concurrency;
      return {
        ...dated(new Date(1000 * start)),
        backend: 'guidellm',
        model_id: model,
        tokenizer_id: model,
        num_prompts: successful + errored,
        request_rate: strategy?.rate ?? 'inf',
        burstiness: 1,
        max_concurrency: context.concurrency ?? (strategy?.type_ === 'synchronous' ? 1 : (own ?? null)),
        duration: durationS,
        completed: successful,
        total_input_tokens: inputTokens,
        total_output_tokens: outputTokens,
        request_throughput: successful / durationS,
        output_throughput: outputTokens / durationS,
        total_token_throughput: (inputTokens + outputTokens) / durationS,
        ...latency('ttft', metrics.time_to_first_token_ms.successful),
        ...latency('tpot', metrics.inter_token_latency_ms.successful),
        ...latency('e2el', metrics.request_latency.successful, 1000),
        ...frame('guidellm', metadata?.guidellm_version, errored, successful),
      };
    });
  },
};

function modelOfFirst(benchmarks: readonly unknown[]): string | undefined {
  const [first] = benchmarks;
  const { config } = z.looseObject({ config: z.unknown() }).parse(first);
  return modelIn(config);
}

function latency(
  metric: 'ttft' | 'tpot' | 'e2el',
  { mean, median, std_dev: std, percentiles }: z.infer<typeof distribution>,
  toMs = 1,
): Record<string, number> {
  const { p90, p95, p99, p999 } = percentiles;
  return figures(metric, { mean, median, std, p90, p95, p99, 'p99.9': p999 }, toMs);
}
