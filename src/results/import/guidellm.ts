import { z } from 'zod';
import { defined } from '../../defined/defined.ts';
import { type Claim, type Figures, figuresOf, type Restatement, UnreadableError } from './claim.ts';
import {
  concurrency,
  type ImportContext,
  named,
  numeric,
  numericOrNone,
  type ResultFormat,
} from './format.ts';

const distribution = z.looseObject({
  mean: numericOrNone,
  median: numericOrNone,
  std_dev: numericOrNone,
  min: numericOrNone,
  max: numericOrNone,
  count: numericOrNone,
  total_sum: numericOrNone,
  percentiles: z.record(z.string(), numericOrNone).nullish(),
});
type Distribution = z.infer<typeof distribution>;
const ofSuccessful = z.looseObject({ successful: distribution.nullish() }).nullish();

const totals = z.looseObject({ successful: numeric, errored: numeric, incomplete: numericOrNone });
const strategy = z
  .looseObject({
    type_: z.string().nullish(),
    streams: concurrency,
    max_concurrency: concurrency,
    rate: numericOrNone,
  })
  .nullish();

const benchmarkSchema = z.looseObject({
  start_time: numericOrNone,
  end_time: numericOrNone,
  run_stats: z.looseObject({ start_time: numericOrNone, end_time: numericOrNone }).nullish().catch(null),
  config: z.looseObject({ strategy }).nullish(),
  args: z.looseObject({ strategy }).nullish(),
  worker: z.unknown().optional(),
  request_totals: totals.nullish(),
  total_count: totals.nullish(),
  metrics: z.looseObject({
    request_totals: totals.nullish(),
    request_latency: ofSuccessful,
    prompt_token_count: ofSuccessful,
    output_token_count: z.looseObject({ successful: distribution.extend({ total_sum: numeric }) }),
    time_to_first_token_ms: ofSuccessful,
    inter_token_latency_ms: ofSuccessful,
  }),
});
type Benchmark = z.infer<typeof benchmarkSchema>;

const reportSchema = z.looseObject({
  metadata: z.looseObject({ guidellm_version: z.string().optional() }).nullish(),
  benchmarks: z.array(benchmarkSchema).min(1, 'no benchmark in it'),
});

/** The first model named anywhere in the settings of a report, because versions store it in different places. */
function modelIn(settings: unknown): string | undefined {
  if (typeof settings !== 'object' || settings === null) return undefined;
  for (const [name, value] of Object.entries(settings)) {
    if ((name === 'model' || name === 'backend_model') && typeof value === 'string' && value !== '')
      return value;
  }
  for (const value of Object.values(settings)) {
    const found = modelIn(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * GuideLLM's `benchmarks.json` of version 0.2 and later, a result for each benchmark in it, of successful requests. Its
 * inter-token latency is the time after the first token over the tokens after it: what the contract calls TPOT; its own
 * TPOT includes the first token. It has no gaps between single tokens. Times are in milliseconds if their names say
 * so, otherwise in seconds.
 */
export const guidellm: ResultFormat = {
  tool: 'guidellm',
  title: "GuideLLM's benchmarks.json",
  marks: ['benchmarks'],
  also: ({ benchmarks }) =>
    Array.isArray(benchmarks) && benchmarks.every((each: unknown) => 'metrics' in Object(each)),
  read: (document, context) => {
    const { metadata, benchmarks } = reportSchema.parse(document);
    const model = context.model ?? modelIn({ ...Object(document), benchmarks: undefined });
    const version = metadata?.guidellm_version;
    return benchmarks.map((benchmark) => claimOf(benchmark, model, version, context));
  },
};

function claimOf(
  benchmark: Benchmark,
  ofReport: string | undefined,
  version: string | undefined,
  context: ImportContext,
): Claim {
  const { config, args, worker, metrics, run_stats: run } = benchmark;
  const model = named(ofReport ?? modelIn({ worker, config, args }));
  const start = benchmark.start_time ?? run?.start_time;
  const end = benchmark.end_time ?? run?.end_time;
  if (start == null || end == null) throw new UnreadableError('the start and end times are missing');
  const counts = metrics.request_totals ?? benchmark.request_totals ?? benchmark.total_count;
  if (counts == null)
    throw new UnreadableError('the number of successful requests is missing (request_totals)');
  const { successful: completed, errored, incomplete } = counts;
  const plan = config?.strategy ?? args?.strategy;
  const output = metrics.output_token_count.successful;
  const input = metrics.prompt_token_count?.successful;
  return {
    tool: 'guidellm',
    ...defined({ version }),
    startedAt: new Date(1000 * start),
    backend: 'guidellm',
    model,
    tokenizer: model,
    requestRate: plan == null ? null : (plan.rate ?? 'inf'),
    burstiness: 1,
    maxConcurrency:
      context.concurrency ??
      (plan?.type_ === 'synchronous' ? 1 : (plan?.streams ?? plan?.max_concurrency ?? null)),
    durationS: end - start,
    asked: incomplete == null ? null : completed + errored + incomplete,
    completed,
    failed: errored,
    inputTokens: input?.total_sum ?? null,
    outputTokens: output.total_sum,
    rates: {},
    restatements: [
      ...restatements('output_token_count', output, completed),
      ...restatements('prompt_token_count', input, completed).map((each) => ({
        ...each,
        ofInput: true as const,
      })),
    ],
    latencies: Object.fromEntries(
      [
        { metric: 'ttft', figures: figuresIn(metrics.time_to_first_token_ms?.successful, 1) },
        { metric: 'tpot', figures: figuresIn(metrics.inter_token_latency_ms?.successful, 1) },
        { metric: 'e2el', figures: figuresIn(metrics.request_latency?.successful, 1000) },
      ].flatMap(({ metric, figures }) => (figures === undefined ? [] : [[metric, figures]])),
    ),
    names: { ttft: 'time_to_first_token_ms', tpot: 'inter_token_latency_ms', e2el: 'request_latency' },
  };
}

/** A distribution has the number of its samples, their sum and their mean. */
function restatements(
  field: string,
  stated: Distribution | null | undefined,
  completed: number,
): Restatement[] {
  if (stated == null) return [];
  const { count, mean, total_sum: sum } = stated;
  const found: Restatement[] = [];
  if (count != null) found.push({ field: `${field}.count`, value: count, follows: completed });
  if (count != null && mean != null && sum != null && count > 0)
    found.push({ field: `${field}.total_sum`, value: sum, follows: count * mean });
  return found;
}

const percentileNames: Readonly<Record<string, string>> = {
  p001: 'p0.1',
  p01: 'p1',
  p05: 'p5',
  p999: 'p99.9',
};

/** Undefined if there is no distribution, or an empty one. */
function figuresIn(stated: Distribution | null | undefined, toMs: number): Figures | undefined {
  if (stated == null || stated.count === 0) return undefined;
  const { mean, median, std_dev: std, min, max, percentiles } = stated;
  const named = Object.entries(percentiles ?? {}).map(([name, value]) => [
    percentileNames[name] ?? name,
    value,
  ]);
  return figuresOf({ mean, median, std, min, max, ...Object.fromEntries(named) }, toMs);
}
