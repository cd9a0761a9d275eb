import { z } from 'zod';
import { type Fidelity, type Verdict, verdicts } from './fidelity/verdict.ts';
import { LoadError } from './load-error.ts';
import type { PrintableResult } from './print-result.ts';
import { checkShards } from './shards.ts';
import { distributionOfHistogram } from './statistics/distribution.ts';
import { Histogram, type HistogramJson } from './statistics/histogram.ts';
import { mergeTimelines } from './statistics/timeline.ts';

const histogramSchema = z.object({
  zeros: z.number(),
  sum: z.number(),
  sum_of_squares: z.number(),
  max: z.number(),
  buckets: z.array(z.tuple([z.number(), z.number()])),
}) satisfies z.ZodType<HistogramJson>;

/** What merging reads of a result; the rest of its fields are taken from the first as they are. */
const shardSchema = z.looseObject({
  /** Older results do not have it. */
  shard: z.object({ number: z.int().min(1), of: z.int().min(1) }).optional(),
  seed: z.number().optional(),
  num_prompts: z.number(),
  request_rate: z.union([z.number(), z.literal('inf')]),
  max_concurrency: z.number().nullable(),
  started_at: z.number(),
  duration: z.number(),
  completed: z.number(),
  failed: z.number(),
  chunks: z.number(),
  total_input_tokens: z.number(),
  total_output_tokens: z.number(),
  request_goodput: z.number().optional(),
  histograms: z.object({
    ttft: histogramSchema,
    tpot: histogramSchema,
    itl: histogramSchema,
    e2el: histogramSchema,
    chunk_gap: histogramSchema,
  }),
  timeline: z.object({
    interval_s: z.number(),
    request_throughput: z.array(z.number()),
    output_throughput: z.array(z.number()),
    in_flight: z.array(z.number()),
    failed: z.array(z.number()),
    median_ttft_ms: z.array(z.number().nullable()),
    median_tpot_ms: z.array(z.number().nullable()),
  }),
  troubles: z.array(
    z.object({ class: z.string(), count: z.number(), example: z.string(), failed: z.boolean() }),
  ),
  fidelity: z.looseObject({
    verdict: z.enum(verdicts),
    reasons: z.array(z.string()),
    asked_concurrency: z.number().nullable(),
    achieved_concurrency: z.number(),
    peak_concurrency: z.number(),
    loop_lag_ms: z.object({ p50: z.number(), p99: z.number(), max: z.number() }),
    late_sends: z.number(),
    send_delay_p99_ms: z.number(),
    client_cpu_share: z.number(),
    client_threads: z.number(),
    clock_resolution_ms: z.number(),
    reconnects: z.number(),
    prompt_token_mismatches: z.number(),
    output_length_mismatches: z.number(),
    replies_without_usage: z.number(),
    replies_counted_by_tokenizer: z.number(),
    usage_conflicts: z.number(),
    doubtful_replies: z.number(),
    malformed_replies: z.number(),
    unstreamed_replies: z.number(),
    replies_at_once: z.number(),
    uncounted_replies: z.number(),
    unknown_endings: z.number(),
    replies_of_several_choices: z.number(),
    asked_rate: z.number().optional(),
    achieved_rate: z.number().optional(),
  }),
  insecure: z.literal(true).optional(),
  partial: z.literal(true).optional(),
});

type Shard = z.infer<typeof shardSchema>;

/** The result of all shards; what is only known of each by itself is left out, or in `fidelity.shards`. */
export interface MergedResult extends PrintableResult {
  readonly started_at: number;
  readonly max_concurrency: number | null;
  readonly fidelity: Fidelity & { readonly shards: readonly object[] };
}

const publicMetrics = ['ttft', 'tpot', 'itl', 'e2el'] as const;
const metrics = [...publicMetrics, 'chunk_gap'] as const;
/** Shards must overlap for their throughputs to add up: starts may differ by this share of the shortest run. */
const allowedStartSpread = 0.1;

/**
 * One result from the shards of a test that ran at the same time on several processes or hosts. Counts add up, rates
 * are over the time from the first start to the last end, percentiles come from the merged histograms (0.05 % off at
 * most), and the verdict is the gravest. Throws LoadError `bad-test` for results that cannot be merged, or are not each
 * shard once; `onNote` is told what of that is not known.
 */
export function mergeResults(
  results: readonly { readonly file: string; readonly json: unknown }[],
  onNote: (note: string) => void = () => {},
): MergedResult {
  const shards = results.map(({ file, json }) => {
    const parsed = shardSchema.safeParse(json);
    if (parsed.success) return parsed.data;
    throw new LoadError('bad-test', `${file}: not the result of a shard: ${z.prettifyError(parsed.error)}`, {
      hint: 'run each shard with --shard i/n, which keeps what merging needs',
    });
  });
  const [first] = shards;
  if (first === undefined) throw new LoadError('bad-test', 'there is no result to merge');
  const note = checkShards(shards.map((shard, index) => ({ ...shard, file: results[index]?.file ?? '' })));
  if (note !== undefined) onNote(note);
  const total = (value: (shard: Shard) => number): number =>
    shards.reduce((sum, shard) => sum + value(shard), 0);
  const startS = Math.min(...shards.map(({ started_at }) => started_at));
  const duration = Math.max(...shards.map(({ started_at, duration }) => started_at + duration)) - startS;
  const tokens = total(({ total_output_tokens }) => total_output_tokens);
  const inputTokens = total(({ total_input_tokens }) => total_input_tokens);
  const completed = total((shard) => shard.completed);
  const percentiles = percentilesOf(first);
  const histograms = metrics.map((metric) => [metric, merged(shards, metric)] as const);
  const timeline = mergeTimelines(
    shards.map((shard) => ({ timeline: shard.timeline, delayS: shard.started_at - startS })),
  );
  // What is only known of each shard by itself is left out.
  const {
    confidence_95: _,
    steady_state: __,
    from_send: ___,
    interactivity: _____,
    timeline: ____,
    shard: ______,
    request_goodput,
    partial,
    ...same
  } = first;
  return {
    ...same,
    num_prompts: total(({ num_prompts }) => num_prompts),
    request_rate: first.request_rate === 'inf' ? 'inf' : total(({ request_rate }) => Number(request_rate)),
    max_concurrency: shards.some(({ max_concurrency }) => max_concurrency === null)
      ? null
      : total(({ max_concurrency }) => max_concurrency ?? 0),
    started_at: startS,
    duration,
    completed,
    failed: total(({ failed }) => failed),
    chunks: total(({ chunks }) => chunks),
    total_input_tokens: inputTokens,
    total_output_tokens: tokens,
    request_throughput: completed / duration,
    ...(request_goodput === undefined
      ? {}
      : { request_goodput: total((shard) => (shard.request_goodput ?? 0) * shard.duration) / duration }),
    output_throughput: tokens / duration,
    total_token_throughput: (tokens + inputTokens) / duration,
    ...Object.assign(
      {},
      ...publicMetrics.map((metric) => figures(merged(shards, metric), percentiles, `_${metric}`)),
    ),
    chunk_gap: figures(merged(shards, 'chunk_gap'), percentiles, ''),
    ...(timeline === undefined ? {} : { timeline }),
    distributions: Object.fromEntries(
      histograms.map(([metric, histogram]) => [metric, distributionOfHistogram(histogram)]),
    ),
    histograms: Object.fromEntries(histograms.map(([metric, histogram]) => [metric, histogram.toJson()])),
    troubles: mergedTroubles(shards),
    fidelity: mergedFidelity(results, shards),
    ...(shards.some((shard) => shard.insecure === true) ? { insecure: true as const } : {}),
    ...(shards.some((shard) => shard.partial === true) ? { partial: true } : {}),
  };
}

function merged(shards: readonly Shard[], metric: keyof Shard['histograms']): Histogram {
  const histogram = new Histogram();
  for (const { histograms } of shards) histogram.add(histograms[metric] satisfies HistogramJson);
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

/** The percentiles that a result reports, by its field names. */
function percentilesOf(result: object): number[] {
  return Object.keys(result).flatMap((name) => {
    const percent = /^p([\d.]+)_ttft_ms$/.exec(name)?.[1];
    return percent === undefined ? [] : [Number(percent)];
  });
}

function figures(
  histogram: Histogram,
  percentiles: readonly number[],
  suffix: string,
): Record<string, number> {
  return {
    [`mean${suffix}_ms`]: histogram.mean(),
    [`median${suffix}_ms`]: histogram.quantile(0.5),
    [`std${suffix}_ms`]: histogram.std(),
    ...Object.fromEntries(
      percentiles.map((percent) => [`p${percent}${suffix}_ms`, histogram.quantile(percent / 100)]),
    ),
  };
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
    reasons.push(`the shards started ${spreadS.toFixed(1)} s apart: they did not load the server together`);
  const graveness = shards.map(({ fidelity }) => verdicts.indexOf(fidelity.verdict));
  const verdict: Verdict = verdicts[Math.max(...graveness, apart ? 1 : 0)] ?? 'invalid';
  const all = shards.map(({ fidelity }) => fidelity);
  const total = (value: (fidelity: Shard['fidelity']) => number): number =>
    all.reduce((sum, fidelity) => sum + value(fidelity), 0);
  const most = (value: (fidelity: Shard['fidelity']) => number): number => Math.max(...all.map(value));
  const bounded = all.every(({ asked_concurrency }) => asked_concurrency !== null);
  const rated = all.every(({ asked_rate }) => asked_rate !== undefined);
  return {
    verdict,
    reasons,
    asked_concurrency: bounded ? total(({ asked_concurrency }) => asked_concurrency ?? 0) : null,
    achieved_concurrency: total(({ achieved_concurrency }) => achieved_concurrency),
    // The peaks of shards need not fall together: no more than this.
    peak_concurrency: total(({ peak_concurrency }) => peak_concurrency),
    loop_lag_ms: {
      p50: most(({ loop_lag_ms }) => loop_lag_ms.p50),
      p99: most(({ loop_lag_ms }) => loop_lag_ms.p99),
      max: most(({ loop_lag_ms }) => loop_lag_ms.max),
    },
    late_sends: total(({ late_sends }) => late_sends),
    send_delay_p99_ms: most(({ send_delay_p99_ms }) => send_delay_p99_ms),
    client_cpu_share: total(({ client_cpu_share }) => client_cpu_share),
    client_threads: total(({ client_threads }) => client_threads),
    clock_resolution_ms: most(({ clock_resolution_ms }) => clock_resolution_ms),
    reconnects: total(({ reconnects }) => reconnects),
    prompt_token_mismatches: total(({ prompt_token_mismatches }) => prompt_token_mismatches),
    output_length_mismatches: total(({ output_length_mismatches }) => output_length_mismatches),
    replies_without_usage: total(({ replies_without_usage }) => replies_without_usage),
    replies_counted_by_tokenizer: total(({ replies_counted_by_tokenizer }) => replies_counted_by_tokenizer),
    usage_conflicts: total(({ usage_conflicts }) => usage_conflicts),
    doubtful_replies: total(({ doubtful_replies }) => doubtful_replies),
    malformed_replies: total(({ malformed_replies }) => malformed_replies),
    unstreamed_replies: total(({ unstreamed_replies }) => unstreamed_replies),
    replies_at_once: total(({ replies_at_once }) => replies_at_once),
    uncounted_replies: total(({ uncounted_replies }) => uncounted_replies),
    unknown_endings: total(({ unknown_endings }) => unknown_endings),
    replies_of_several_choices: total(({ replies_of_several_choices }) => replies_of_several_choices),
    ...(rated
      ? {
          asked_rate: total(({ asked_rate }) => asked_rate ?? 0),
          achieved_rate: total(({ achieved_rate }) => achieved_rate ?? 0),
        }
      : {}),
    shards: all,
  };
}
