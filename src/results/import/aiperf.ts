import { z } from 'zod';
import { dated, figures, frame, type ResultFormat } from './format.ts';

const figure = z.number().nullish();
const metric = z.looseObject({
  unit: z.string(),
  avg: figure,
  p50: figure,
  p90: figure,
  p95: figure,
  p99: figure,
  std: figure,
});
type Metric = z.infer<typeof metric>;

const exportSchema = z.looseObject({
  aiperf_version: z.string().nullish(),
  request_throughput: metric,
  request_latency: metric,
  request_count: metric,
  error_request_count: metric.nullish(),
  time_to_first_token: metric.nullish(),
  inter_token_latency: metric.nullish(),
  output_token_throughput: metric.nullish(),
  total_token_throughput: metric.nullish(),
  goodput: metric.nullish(),
  benchmark_duration: metric,
  total_isl: metric.nullish(),
  total_osl: metric.nullish(),
  input_sequence_length: metric.nullish(),
  output_sequence_length: metric.nullish(),
  was_cancelled: z.boolean().nullish(),
  start_time: z.string(),
  input_config: z.unknown(),
});

/** Where its versions have kept the model and the concurrency asked for. */
const inputSchema = z.looseObject({
  endpoint: z
    .looseObject({ model_names: z.array(z.string()).optional() })
    .optional()
    .catch(undefined),
  models: z
    .union([
      z.string(),
      z.array(z.string()).min(1),
      z.looseObject({ items: z.array(z.looseObject({ name: z.string() })).min(1) }),
    ])
    .optional()
    .catch(undefined),
  loadgen: z
    .looseObject({ concurrency: z.int().positive().nullish(), request_rate: z.number().nullish() })
    .optional()
    .catch(undefined),
  phases: z
    .array(z.looseObject({ concurrency: z.int().positive().nullish(), rate: z.number().nullish() }))
    .optional()
    .catch(undefined),
});
type Input = z.infer<typeof inputSchema>;

const msOfUnit: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, ms: 1, s: 1000, sec: 1000 };

/**
 * AIPerf's `profile_export_aiperf.json`. Its inter-token latency is the request latency without the TTFT over the
 * output tokens after the first: what the contract calls TPOT. It has no gaps between single tokens.
 */
export const aiperf: ResultFormat = {
  tool: 'aiperf',
  title: "AIPerf's profile_export_aiperf.json",
  recognises: (document) => 'request_latency' in document && 'benchmark_duration' in document,
  read: (document, context) => {
    const result = exportSchema.parse(document);
    const input = inputSchema.safeParse(result.input_config).data ?? {};
    const model = context.model ?? modelOf(input);
    if (model === undefined) throw new Error('it does not say which model was served; give --model');
    const completed = result.request_count.avg ?? 0;
    const failed = result.error_request_count?.avg ?? 0;
    const durationS = ((result.benchmark_duration.avg ?? 0) * msPer(result.benchmark_duration)) / 1000;
    if (!(durationS > 0)) throw new Error('it does not say how long it measured');
    const inputTokens = tokens(result.total_isl, result.input_sequence_length, completed);
    const outputTokens = tokens(result.total_osl, result.output_sequence_length, completed);
    const phase = input.phases?.at(-1);
    return [
      {
        ...dated(new Date(result.start_time)),
        backend: 'aiperf',
        model_id: model,
        tokenizer_id: model,
        num_prompts: completed + failed,
        request_rate: input.loadgen?.request_rate ?? phase?.rate ?? 'inf',
        burstiness: 1,
        max_concurrency: context.concurrency ?? input.loadgen?.concurrency ?? phase?.concurrency ?? null,
        duration: durationS,
        completed,
        total_input_tokens: inputTokens,
        total_output_tokens: outputTokens,
        request_throughput: completed / durationS,
        ...(result.goodput?.avg == null ? {} : { request_goodput: result.goodput.avg }),
        output_throughput: outputTokens / durationS,
        total_token_throughput: (inputTokens + outputTokens) / durationS,
        ...latency('ttft', result.time_to_first_token),
        ...latency('tpot', result.inter_token_latency),
        ...latency('e2el', result.request_latency),
        ...frame('aiperf', result.aiperf_version ?? undefined, failed, completed),
        ...(result.was_cancelled === true ? { partial: true } : {}),
      },
    ];
  },
};

function modelOf({ endpoint, models }: Input): string | undefined {
  if (typeof models === 'string') return models;
  if (Array.isArray(models)) return models[0];
  return models?.items[0]?.name ?? endpoint?.model_names?.[0];
}

function latency(name: 'ttft' | 'tpot' | 'e2el', from: Metric | null | undefined): Record<string, number> {
  if (from == null) return {};
  const { avg: mean, p50: median, std, p90, p95, p99 } = from;
  return figures(name, { mean, median, std, p90, p95, p99 }, msPer(from));
}

function msPer({ unit }: Metric): number {
  const ms = msOfUnit[unit.toLowerCase()];
  if (ms === undefined) throw new Error(`it measures time in '${unit}'`);
  return ms;
}

/** The total where it is given, else the mean length of the completed requests times their number. */
function tokens(
  total: Metric | null | undefined,
  length: Metric | null | undefined,
  completed: number,
): number {
  const count = total?.avg ?? (length?.avg == null ? undefined : length.avg * completed);
  if (count === undefined) throw new Error('it does not say how many tokens there were');
  return Math.round(count);
}
