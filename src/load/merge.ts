import { z } from 'zod';
import { defined } from '../defined/defined.ts';
import { type DoubtName, doubtNames, eachDoubt } from './fidelity/doubts.ts';
import { mergedUse } from './fidelity/spread.ts';
import { currentVerdict, type Verdict, verdicts } from './fidelity/verdict-names.ts';
import { LoadError } from './load-error.ts';
import type { PrintableResult } from './print-result.ts';
import {
  type Fidelity,
  type HistogramJson,
  type MetricFigures,
  rawResultFields,
  type VisibleTextFigures,
} from './result-schema.ts';
import { checkShards } from './shards.ts';
import { distributionOfHistogram } from './statistics/distribution.ts';
import { Histogram } from './statistics/histogram.ts';
import { prefixCacheOf } from './statistics/prefix-cache.ts';
import { mergeTimelines } from './statistics/timeline.ts';
import { orNull } from './unknown.ts';

const laterFacts = [
  'replies_of_several_choices',
  'unknown_first_tokens',
  'unknown_input_lengths',
  'unknown_output_lengths',
  'failures_after_last_reply_s',
] as const satisfies readonly (keyof Fidelity)[];
type LaterName = (typeof laterFacts)[number] | DoubtName;
const laterNames: readonly LaterName[] = [...doubtNames, ...laterFacts];

/** Makes a value for each fact that results of older versions may lack. */
function eachLater<T>(make: (name: LaterName) => T): Record<LaterName, T> {
  const facts = Object.fromEntries(laterFacts.map((name) => [name, make(name)]));
  return { ...eachDoubt(make), ...(facts as Record<(typeof laterFacts)[number], T>) };
}

const { shape: field } = rawResultFields;

/** The fields that merging reads; all other fields are copied from the first result. */
const shardSchema = rawResultFields
  .pick({
    shard: true,
    num_prompts: true,
    request_rate: true,
    max_concurrency: true,
    started_at: true,
    duration: true,
    completed: true,
    failed: true,
    chunks: true,
    total_input_tokens: true,
    total_output_tokens: true,
    request_goodput: true,
    goodput: true,
    slo: true,
    pooling: true,
    timeline: true,
    troubles: true,
    notes: true,
    insecure: true,
    partial: true,
  })
  .extend({
    // Older results lack these.
    seed: field.seed.optional(),
    first_text: z.looseObject({ differ: z.number() }).optional(),
    first_answer: z.looseObject({ differ: z.number() }).optional(),
    prefix_cache: field.prefix_cache.omit({ share: true }).optional(),
    server_metrics: z
      .looseObject({
        window_s: z.number().optional(),
        finished_requests: z.number().nullish(),
      })
      .optional(),
    histograms: field.histograms.unwrap().partial({ first_text: true, first_answer: true }),
    fidelity: field.fidelity
      .partial(eachLater(() => true as const))
      .extend({
        verdict: z.preprocess(currentVerdict, field.fidelity.shape.verdict),
        cached_share_of_random_prompts: field.fidelity.shape.cached_share_of_random_prompts.default(null),
      })
      .loose(),
  })
  .loose();

type Shard = z.infer<typeof shardSchema>;

/** The result of all shards. Facts known only for single shards are omitted, or listed in `fidelity.shards`. */
export interface MergedResult extends PrintableResult {
  readonly started_at: number;
  readonly max_concurrency: number | null;
  readonly notes?: readonly string[];
  /** null if a shard does not report the value. */
  readonly fidelity: Omit<Fidelity, LaterName> &
    Readonly<Record<LaterName, number | null>> & { readonly shards: readonly object[] };
}

const publicMetrics = ['ttft', 'tpot', 'itl', 'e2el'] as const;
const metrics = [...publicMetrics, 'chunk_gap'] as const;
/** Throughputs add up only if the shards ran together: starts may differ by this share of the shortest run. */
const allowedStartSpread = 0.1;

function problemsIn({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}

/**
 * Merges the results of a test's shards that ran at the same time in several processes or on several hosts. Counts add
 * up, rates cover the time from the first start to the last end, percentiles come from the merged histograms (error at
 * most 0.05 %), and the worst verdict applies. `onNote` receives a sentence about each fact that is unknown for the
 * whole. Throws LoadError `bad-test` if the results cannot be merged or are not exactly one per shard.
 */
export function mergeResults(
  results: readonly { readonly file: string; readonly json: unknown }[],
  onNote: (note: string) => void = () => {},
): MergedResult {
  const shards = results.map(({ file, json }) => {
    const parsed = shardSchema.safeParse(json);
    if (parsed.success) return parsed.data;
    throw new LoadError('bad-test', `${file}: not the result of a shard: ${problemsIn(parsed.error)}`, {
      hint: 'run each shard with --shard i/n, which stores the histograms that merging needs',
    });
  });
  const [first] = shards;
  if (first === undefined) throw new LoadError('bad-test', 'no results to merge');
  const named = shards.map((shard, index) => ({ ...shard, file: results[index]?.file ?? '' }));
  const unsaid = [checkShards(named), ...named.map(notSaidBy)].filter((note) => note !== undefined);
  unsaid.forEach(onNote);
  const notes = [...new Set([...shards.flatMap((shard) => shard.notes ?? []), ...unsaid])];
  const total = (value: (shard: Shard) => number): number =>
    shards.reduce((sum, shard) => sum + value(shard), 0);
  const startS = Math.min(...shards.map(({ started_at }) => started_at));
  const duration = Math.max(...shards.map(({ started_at, duration }) => started_at + duration)) - startS;
  // NaN if a shard does not report its total.
  const tokens = total(({ total_output_tokens }) => total_output_tokens ?? Number.NaN);
  const inputTokens = total(({ total_input_tokens }) => total_input_tokens ?? Number.NaN);
  const completed = total((shard) => shard.completed);
  const percentiles = percentilesOf(first);
  const histograms = metrics.map((metric) => [metric, merged(shards, metric)] as const);
  const timeline = mergeTimelines(
    shards.map((shard) => ({ timeline: shard.timeline, delayS: shard.started_at - startS })),
  );
  // Figures that hold for a single shard only are omitted.
  const {
    confidence_95: _,
    steady_state: __,
    from_send: ___,
    interactivity: _____,
    timeline: ____,
    shard: ______,
    first_text: _______,
    first_answer: ________,
    prefix_cache: _________,
    ideal_prefix_cache: _____________,
    server_metrics: ____________,
    goodput: __________,
    slo: ______________,
    ended_by: _______________,
    servers: ________________,
    models: _________________,
    pooling: __________________,
    request_goodput,
    partial,
    notes: ___________,
    ...same
  } = first;
  const goodput = request_goodput === undefined ? undefined : mergedGoodput(shards, duration);
  return {
    ...same,
    num_prompts: total(({ num_prompts }) => num_prompts),
    request_rate:
      typeof first.request_rate === 'number'
        ? total(({ request_rate }) => (typeof request_rate === 'number' ? request_rate : Number.NaN))
        : first.request_rate,
    // If one shard has no limit, the test has none.
    max_concurrency: orNull(total(({ max_concurrency }) => max_concurrency ?? Number.NaN)),
    started_at: startS,
    benchmark_start_time_unix: startS,
    benchmark_end_time_unix: startS + duration,
    duration,
    completed,
    failed: total(({ failed }) => failed),
    chunks: total(({ chunks }) => chunks),
    total_input_tokens: orNull(inputTokens),
    total_output_tokens: orNull(tokens),
    request_throughput: completed / duration,
    ...goodput,
    ...defined({ slo: mergedSlo(shards), pooling: mergedPooling(shards, inputTokens, duration) }),
    output_throughput: first.pooling === undefined ? orNull(tokens / duration) : null,
    total_token_throughput: orNull((tokens + inputTokens) / duration),
    ...Object.assign(
      {},
      ...publicMetrics.map((metric) => publicFigures(metric, figuresOf(merged(shards, metric), percentiles))),
    ),
    chunk_gap: figuresOf(merged(shards, 'chunk_gap'), percentiles),
    ...mergedVisibleText(shards, percentiles),
    ...mergedPrefixCache(shards),
    ...mergedServerMetrics(shards),
    ...defined({ timeline }),
    distributions: Object.fromEntries(
      histograms.map(([metric, histogram]) => [metric, distributionOfHistogram(histogram)]),
    ),
    histograms: Object.fromEntries(histograms.map(([metric, histogram]) => [metric, histogram.toJson()])),
    troubles: mergedTroubles(shards),
    fidelity: mergedFidelity(results, shards),
    ...defined({
      notes: notes.length === 0 ? undefined : notes,
      insecure: shards.some((shard) => shard.insecure === true) ? (true as const) : undefined,
      partial: shards.some((shard) => shard.partial === true) ? true : undefined,
    }),
  };
}

/** Names the checks that a result of an older version lacks; undefined if it lacks none. */
function notSaidBy({ file, fidelity }: Shard & { readonly file: string }): string | undefined {
  const missing = laterNames.filter((name) => fidelity[name] === undefined);
  if (missing.length === 0) return undefined;
  return `${file} is from an older version, which did not check for ${missing.join(', ')}: for the merged result they are unknown`;
}

/** Replies that met their objectives; the rate is null if a shard does not know this for all of its replies. */
function mergedGoodput(
  shards: readonly Shard[],
  duration: number,
): Pick<MergedResult, 'request_goodput' | 'goodput'> {
  let met = 0;
  for (const shard of shards) met += (shard.request_goodput ?? Number.NaN) * shard.duration;
  const all = shards.flatMap(({ goodput }) => goodput ?? []);
  const count = (name: keyof (typeof all)[number]): number => all.reduce((sum, one) => sum + one[name], 0);
  return {
    request_goodput: orNull(met / duration),
    ...defined({
      goodput:
        all.length < shards.length
          ? undefined
          : {
              met: count('met'),
              met_without_tpot: count('met_without_tpot'),
              not_known: count('not_known'),
            },
    }),
  };
}

/** How all requests met the limits; undefined unless all shards had the same ones. */
function mergedSlo(shards: readonly Shard[]): MergedResult['slo'] {
  const all = shards.flatMap(({ slo }) => slo ?? []);
  const [first] = all;
  const named = ({ limits }: (typeof all)[number]) =>
    JSON.stringify(limits.map(({ metric, percentile, limit_ms }) => [metric, percentile, limit_ms]));
  if (first === undefined || all.length < shards.length) return undefined;
  if (all.some((slo) => named(slo) !== named(first))) return undefined;
  const requests = all.reduce((sum, slo) => sum + slo.requests, 0);
  const metAll = all.reduce((sum, slo) => sum + (slo.attainment ?? Number.NaN) * slo.requests, 0);
  return {
    requests,
    attainment: requests === 0 ? null : orNull(metAll / requests),
    limits: first.limits.map((limit, index) => {
      const ofShards = all.flatMap((slo) => slo.limits[index] ?? []);
      const count = (name: 'met' | 'not_known') => ofShards.reduce((sum, one) => sum + one[name], 0);
      return {
        ...limit,
        met: count('met'),
        not_known: count('not_known'),
        // The shards ran at the same time on one server, so their requests missed together.
        design_effect: Math.max(...ofShards.map(({ design_effect }) => design_effect)),
      };
    }),
  };
}

/** The results of a server that generates nothing. */
function mergedPooling(
  shards: readonly Shard[],
  inputTokens: number,
  duration: number,
): MergedResult['pooling'] {
  const all = shards.flatMap(({ pooling }) => pooling ?? []);
  const [first] = all;
  if (first === undefined || all.length < shards.length) return undefined;
  const results = all.reduce((sum, one) => sum + one.results, 0);
  return {
    unit: first.unit,
    results,
    result_throughput: results / duration,
    input_throughput: orNull(inputTokens / duration),
  };
}

/** Figures of visible text, if every shard has them. */
function mergedVisibleText(
  shards: readonly Shard[],
  percentiles: readonly number[],
): Partial<Pick<MergedResult, 'first_text' | 'first_answer'>> {
  const of = (metric: 'first_text' | 'first_answer'): VisibleTextFigures | undefined => {
    if (shards.some((shard) => shard[metric] === undefined || shard.histograms[metric] === undefined))
      return undefined;
    const histogram = merged(shards, metric);
    const differ = shards.reduce((sum, shard) => sum + (shard[metric]?.differ ?? Number.NaN), 0);
    return { replies: histogram.count, differ, ...figuresOf(histogram, percentiles) };
  };
  const [text, answer] = [of('first_text'), of('first_answer')];
  return {
    ...defined({ first_text: text, first_answer: answer }),
  };
}

/** The share of cached prompt tokens, if every shard reports it. */
function mergedPrefixCache(shards: readonly Shard[]): Pick<MergedResult, 'prefix_cache'> {
  const all = shards.flatMap(({ prefix_cache: cache }) => cache ?? []);
  if (all.length < shards.length) return {};
  const saying = all.filter(({ replies }) => replies > 0);
  const total = (value: (cache: (typeof all)[number]) => number | null): number =>
    saying.reduce((sum, cache) => sum + (value(cache) ?? Number.NaN), 0);
  return {
    prefix_cache: prefixCacheOf(
      total(({ replies }) => replies),
      total(({ cached_tokens }) => cached_tokens),
      total(({ prompt_tokens }) => prompt_tokens),
    ),
  };
}

/**
 * The server's metrics for all shards: the report with the longest window, without counting the requests of the other
 * shards as those of other clients. If no report could be read, the first one, which has the reason.
 */
function mergedServerMetrics(shards: readonly Shard[]): { readonly server_metrics?: object } {
  const reports = shards.flatMap(({ server_metrics: report }) => (report === undefined ? [] : [report]));
  const [longest] = reports.toSorted((one, other) => (other.window_s ?? 0) - (one.window_s ?? 0));
  if (longest === undefined) return {};
  if (longest.window_s === undefined) return { server_metrics: longest };
  const { finished_requests: finished } = longest;
  const count = (value: (shard: Shard) => number) => shards.reduce((sum, shard) => sum + value(shard), 0);
  const [completed, failed] = [count((shard) => shard.completed), count((shard) => shard.failed)];
  const isWhole = typeof finished === 'number' && finished >= completed;
  const others = isWhole ? Math.max(0, finished - completed - failed) : null;
  return { server_metrics: { ...longest, other_requests: others } };
}

function merged(shards: readonly Shard[], metric: keyof Shard['histograms']): Histogram {
  const histogram = new Histogram();
  for (const { histograms } of shards) {
    const one: HistogramJson | undefined = histograms[metric];
    if (one !== undefined) histogram.add(one);
  }
  return histogram;
}

function mergedTroubles(shards: readonly Shard[]): Shard['troubles'] {
  const byClass = new Map<string, Shard['troubles'][number]>();
  for (const trouble of shards.flatMap(({ troubles }) => troubles)) {
    const known = byClass.get(trouble.class);
    byClass.set(
      trouble.class,
      known === undefined ? trouble : { ...known, count: known.count + trouble.count },
    );
  }
  return [...byClass.values()].sort((a, b) => b.count - a.count);
}

/** The percentiles that a result reports, read from its field names. */
function percentilesOf(result: object): number[] {
  return Object.keys(result).flatMap((name) => {
    const percent = /^p([\d.]+)_ttft_ms$/.exec(name)?.[1];
    return percent === undefined ? [] : [Number(percent)];
  });
}

function figuresOf(histogram: Histogram, percentiles: readonly number[]): MetricFigures {
  return {
    mean_ms: orNull(histogram.mean()),
    median_ms: orNull(histogram.quantile(0.5)),
    std_ms: orNull(histogram.std()),
    ...Object.fromEntries(
      percentiles.map((percent) => [`p${percent}_ms`, orNull(histogram.quantile(percent / 100))]),
    ),
  };
}

/** Figures of a public metric under their top-level names. */
function publicFigures(metric: (typeof publicMetrics)[number], figures: MetricFigures) {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [name.replace(/_ms$/, `_${metric}_ms`), value]),
  );
}

function mergedFidelity(
  results: readonly { readonly file: string }[],
  shards: readonly Shard[],
): MergedResult['fidelity'] {
  const reasons = shards.flatMap(({ fidelity }, index) =>
    fidelity.reasons.map((reason) => `${results[index]?.file ?? ''}: ${reason}`),
  );
  const starts = shards.map(({ started_at }) => started_at);
  const spreadS = Math.max(...starts) - Math.min(...starts);
  const shortestS = Math.min(...shards.map(({ duration }) => duration));
  const apart = spreadS > allowedStartSpread * shortestS;
  if (apart)
    reasons.push(
      `the shards started ${spreadS.toFixed(1)} s apart, so they did not load the server together`,
    );
  const graveness = shards.map(({ fidelity }) => verdicts.indexOf(fidelity.verdict));
  const verdict: Verdict = verdicts[Math.max(...graveness, apart ? 1 : 0)] ?? 'invalid';
  const all = shards.map(({ fidelity }) => fidelity);
  const total = (value: (fidelity: Shard['fidelity']) => number): number =>
    all.reduce((sum, fidelity) => sum + value(fidelity), 0);
  const most = (value: (fidelity: Shard['fidelity']) => number): number => Math.max(...all.map(value));
  const askedRate = total(({ asked_rate }) => asked_rate ?? Number.NaN);
  const achievedRate = total(({ achieved_rate }) => achieved_rate ?? Number.NaN);
  const worst = (value: (fidelity: Shard['fidelity']) => number | null): number | null => {
    const said = all.flatMap((fidelity) => value(fidelity) ?? []);
    return said.length === 0 ? null : Math.max(...said);
  };
  const addresses = mergedUse(all.flatMap((fidelity) => fidelity.addresses ?? []));
  return {
    verdict,
    reasons,
    asked_concurrency: orNull(total(({ asked_concurrency }) => asked_concurrency ?? Number.NaN)),
    achieved_concurrency: total(({ achieved_concurrency }) => achieved_concurrency),
    // An upper bound: the shards may have had their peaks at different times.
    peak_concurrency: total(({ peak_concurrency }) => peak_concurrency),
    loop_lag_ms: {
      p50: most(({ loop_lag_ms }) => loop_lag_ms.p50),
      p99: most(({ loop_lag_ms }) => loop_lag_ms.p99),
      max: most(({ loop_lag_ms }) => loop_lag_ms.max),
    },
    late_sends: total(({ late_sends }) => late_sends),
    send_delay_p99_ms: worst(({ send_delay_p99_ms }) => send_delay_p99_ms),
    client_cpu_share: total(({ client_cpu_share }) => client_cpu_share),
    client_threads: total(({ client_threads }) => client_threads),
    clock_resolution_ms: most(({ clock_resolution_ms }) => clock_resolution_ms),
    reconnects: total(({ reconnects }) => reconnects),
    // NaN if a shard does not report it.
    ...eachLater((name) => orNull(total((fidelity) => fidelity[name] ?? Number.NaN))),
    failures_after_last_reply_s: orNull(
      most((fidelity) => fidelity.failures_after_last_reply_s ?? Number.NaN),
    ),
    replies_counted_by_tokenizer: total(({ replies_counted_by_tokenizer }) => replies_counted_by_tokenizer),
    cached_share_of_random_prompts: worst(
      ({ cached_share_of_random_prompts }) => cached_share_of_random_prompts,
    ),
    ...defined({
      asked_rate: Number.isNaN(askedRate) || Number.isNaN(achievedRate) ? undefined : askedRate,
      achieved_rate: Number.isNaN(askedRate) || Number.isNaN(achievedRate) ? undefined : achievedRate,
      addresses: addresses.length === 0 ? undefined : addresses,
    }),
    shards: all,
  };
}
