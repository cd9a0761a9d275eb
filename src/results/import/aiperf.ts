import { z } from 'zod';
import { defined } from '../../defined/defined.ts';
import { type Claim, type Figures, figuresOf, type Restatement, UnreadableError } from './claim.ts';
import {
  concurrency,
  type Fields,
  type ImportContext,
  named,
  numeric,
  numericOrNone,
  type ResultFormat,
  requestRate,
  startOf,
} from './format.ts';

const metric = z.looseObject({
  unit: z.string(),
  avg: numericOrNone,
  min: numericOrNone,
  max: numericOrNone,
  std: numericOrNone,
  p1: numericOrNone,
  p5: numericOrNone,
  p10: numericOrNone,
  p25: numericOrNone,
  p50: numericOrNone,
  p75: numericOrNone,
  p90: numericOrNone,
  p95: numericOrNone,
  p99: numericOrNone,
});
type Measured = z.infer<typeof metric>;

const exportSchema = z.looseObject({
  aiperf_version: z.string().nullish(),
  request_throughput: metric.nullish(),
  request_latency: metric,
  request_count: metric.extend({ avg: numeric }),
  error_request_count: metric.nullish(),
  time_to_first_token: metric.nullish(),
  inter_token_latency: metric.nullish(),
  output_token_throughput: metric.nullish(),
  total_token_throughput: metric.nullish(),
  goodput: metric.nullish(),
  request_goodput: metric.nullish(),
  benchmark_duration: metric.nullish(),
  total_isl: metric.nullish(),
  total_osl: metric.nullish(),
  input_sequence_length: metric.nullish(),
  output_sequence_length: metric.nullish(),
  was_cancelled: z.boolean().nullish(),
  error_summary: z
    .array(z.looseObject({ count: z.number() }))
    .nullish()
    .catch(null),
  start_time: z.string().nullish(),
  input_config: z.unknown().optional(),
});
type Export = z.infer<typeof exportSchema>;

const rate = z.unknown().optional().transform(requestRate);
const load = z.looseObject({ concurrency, request_rate: rate, rate });

/** Where the various versions of both tools store the model and the requested load. */
const inputSchema = z.looseObject({
  endpoint: z
    .looseObject({ model_names: z.array(z.string()).optional() })
    .optional()
    .catch(undefined),
  model: z
    .union([z.string(), z.array(z.string()).min(1)])
    .optional()
    .catch(undefined),
  model_names: z.array(z.string()).min(1).optional().catch(undefined),
  models: z
    .union([
      z.string(),
      z.array(z.string()).min(1),
      z.looseObject({ items: z.array(z.looseObject({ name: z.string() })).min(1) }),
    ])
    .optional()
    .catch(undefined),
  concurrency,
  request_rate: rate,
  rate,
  loadgen: load.optional().catch(undefined),
  phases: z.array(load).optional().catch(undefined),
  perf_analyzer: z.looseObject({ stimulus: load }).optional().catch(undefined),
});
type Input = z.infer<typeof inputSchema>;

/** Milliseconds per unit of time, by all spellings of the unit. */
const unitsOfTime: readonly { readonly ms: number; readonly words: readonly string[] }[] = [
  { ms: 1e-6, words: ['ns', 'nsec', 'nanosecond', 'nanoseconds'] },
  { ms: 1e-3, words: ['us', 'µs', 'μs', 'usec', 'microsecond', 'microseconds'] },
  { ms: 1, words: ['ms', 'msec', 'millis', 'millisecond', 'milliseconds'] },
  { ms: 1000, words: ['s', 'sec', 'secs', 'second', 'seconds'] },
  { ms: 60_000, words: ['min', 'minute', 'minutes'] },
];

function msPer({ unit }: Measured): number | undefined {
  return unitsOfTime.find(({ words }) => words.includes(unit.trim().toLowerCase()))?.ms;
}

/**
 * AIPerf's `profile_export_aiperf.json`. Its inter-token latency is the request latency without the TTFT over the
 * output tokens after the first: what the contract calls TPOT. It has no gaps between single tokens.
 */
export const aiperf: ResultFormat = {
  tool: 'aiperf',
  title: "AIPerf's profile_export_aiperf.json",
  marks: ['request_latency', 'request_count', 'benchmark_duration'],
  read: (document, context) => [claimOf('aiperf', exportSchema.parse(document), context)],
};

/** AIPerf of 2025 had all metrics under `records`, as fields or, before, as a list with tags. */
export const aiperfRecords: ResultFormat = {
  tool: 'aiperf',
  title: "AIPerf's older export, with everything under `records`",
  marks: ['records', 'input_config'],
  also: ({ records }) => 'request_latency' in byTag(records),
  read: (document, context) => {
    const { records, ...rest } = z.looseObject({ records: z.unknown().optional() }).parse(document);
    return [claimOf('aiperf', exportSchema.parse({ ...rest, ...byTag(records) }), context)];
  },
};

/** genai-perf's `profile_export_genai_perf.json`, from which AIPerf took its format. */
export const genaiPerf: ResultFormat = {
  tool: 'genai-perf',
  title: "genai-perf's profile_export_genai_perf.json",
  marks: ['request_latency', 'request_throughput', 'input_config'],
  also: (document) => !('benchmark_duration' in document),
  read: (document, context) => [claimOf('genai-perf', exportSchema.parse(document), context)],
};

function byTag(records: unknown): Fields {
  if (!Array.isArray(records)) return { ...Object(records) };
  return Object.fromEntries(records.map((record: unknown) => [String(Object(record).tag), record]));
}

function claimOf(tool: string, result: Export, context: ImportContext): Claim {
  const input = inputSchema.safeParse(result.input_config).data;
  const model = named(context.model ?? (input && modelOf(input)));
  const completed = result.request_count.avg;
  const durationS = durationOf(result, completed);
  const outputTokens = tokens(result.total_osl, result.output_sequence_length, completed);
  if (outputTokens === null) throw new UnreadableError('the number of output tokens is missing');
  const inputTokens = tokens(result.total_isl, result.input_sequence_length, completed);
  const failed = failuresOf(result);
  const asked = input?.loadgen ?? input?.phases?.at(-1) ?? input?.perf_analyzer?.stimulus ?? input;
  const latencies = {
    ttft: timesOf('time_to_first_token', result.time_to_first_token),
    tpot: timesOf('inter_token_latency', result.inter_token_latency),
    e2el: timesOf('request_latency', result.request_latency),
  };
  const startedMs = result.start_time == null ? Number.NaN : Date.parse(result.start_time);
  return {
    tool,
    ...defined({ version: result.aiperf_version ?? undefined }),
    startedAt: Number.isNaN(startedMs) ? startOf(context.writtenAt, durationS) : new Date(startedMs),
    backend: tool,
    model,
    tokenizer: model,
    requestRate: asked?.request_rate ?? asked?.rate ?? (asked?.concurrency == null ? null : 'inf'),
    burstiness: 1,
    maxConcurrency: context.concurrency ?? asked?.concurrency ?? null,
    durationS,
    asked: failed === null ? null : completed + failed,
    completed,
    failed,
    inputTokens,
    outputTokens,
    rates: figuresOf({ goodRequests: perSecond(result.goodput ?? result.request_goodput) }),
    restatements: restatementsOf(result, { completed, durationS, inputTokens, outputTokens }),
    latencies: Object.fromEntries(
      Object.entries(latencies).flatMap(([name, { figures }]) =>
        figures === undefined ? [] : [[name, figures]],
      ),
    ),
    names: { ttft: 'time_to_first_token', tpot: 'inter_token_latency', e2el: 'request_latency' },
    reasons: Object.values(latencies).flatMap(({ reason }) => reason ?? []),
    partial: result.was_cancelled === true,
  };
}

function modelOf({ endpoint, model, models, model_names: names }: Input): string | undefined {
  for (const named of [models, model]) {
    if (typeof named === 'string') return named;
    if (Array.isArray(named)) return named[0];
    if (named !== undefined) return named.items[0]?.name;
  }
  return names?.[0] ?? endpoint?.model_names?.[0];
}

/** genai-perf does not record its duration, but the number of requests and their rate. */
function durationOf(
  { benchmark_duration: duration, request_throughput: throughput }: Export,
  completed: number,
): number {
  if (duration != null) {
    const ms = msPer(duration);
    if (ms === undefined)
      throw new UnreadableError(`benchmark_duration is in '${duration.unit}', which is not a unit of time`);
    return (numeric.parse(duration.avg) * ms) / 1000;
  }
  const requestsPerSecond = perSecond(throughput);
  if (requestsPerSecond === undefined) throw new UnreadableError('the duration is missing');
  return completed / requestsPerSecond;
}

/** An export without a count of errors has none if it sums them up; genai-perf never says. */
function failuresOf({ error_request_count: count, error_summary: summary }: Export): number | null {
  if (count?.avg != null) return count.avg;
  return summary == null ? null : summary.reduce((total, { count: each }) => total + each, 0);
}

interface Times {
  readonly figures?: Figures;
  readonly reason?: string;
}

function timesOf(field: string, measured: Measured | null | undefined): Times {
  if (measured == null) return {};
  const ms = msPer(measured);
  if (ms === undefined)
    return { reason: `${field} is in '${measured.unit}', which is not a unit of time: it is dropped` };
  const { unit: _, avg: mean, p50: median, min, max, std, p1, p5, p10, p25, p75, p90, p95, p99 } = measured;
  return { figures: figuresOf({ mean, median, std, min, max, p1, p5, p10, p25, p75, p90, p95, p99 }, ms) };
}

/** A rate per second; undefined if its unit is unknown. */
function perSecond(measured: Measured | null | undefined): number | undefined {
  if (measured?.avg == null) return undefined;
  const time = /(?:\/|\bper\s+)\s*([a-zµμ]+)\s*$/i.exec(measured.unit)?.[1];
  const ms = time === undefined ? undefined : msPer({ ...measured, unit: time });
  return ms === undefined ? undefined : (measured.avg * 1000) / ms;
}

/** The total if it is there, else the mean length of the completed requests times their number. */
function tokens(
  total: Measured | null | undefined,
  length: Measured | null | undefined,
  completed: number,
): number | null {
  if (total?.avg != null) return total.avg;
  // A mean is rounded; a total is not.
  return length?.avg == null ? null : Math.round(length.avg * completed);
}

/** Rates that are stated beside the counts, and the mean length of replies if no rate confirms it. */
function restatementsOf(
  result: Export,
  claim: Pick<Claim, 'completed' | 'durationS' | 'inputTokens' | 'outputTokens'>,
): Restatement[] {
  const { completed, durationS, inputTokens, outputTokens } = claim;
  const outputRate = perSecond(result.output_token_throughput);
  const stated = [
    {
      field: 'request_throughput',
      value: perSecond(result.request_throughput),
      follows: completed / durationS,
    },
    { field: 'output_token_throughput', value: outputRate, follows: outputTokens / durationS },
    {
      field: 'output_sequence_length',
      value: outputRate === undefined ? result.output_sequence_length?.avg : undefined,
      follows: outputTokens / completed,
    },
    {
      field: 'total_token_throughput',
      value: perSecond(result.total_token_throughput),
      follows: inputTokens === null ? Number.NaN : (inputTokens + outputTokens) / durationS,
      ofInput: true as const,
    },
  ];
  return stated.flatMap(({ value, ...each }) =>
    value === undefined || Number.isNaN(each.follows) ? [] : [{ ...each, value }],
  );
}
