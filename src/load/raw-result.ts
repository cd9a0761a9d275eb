import type { Fidelity } from './fidelity/verdict.ts';
import { definedTpots, latenciesOf } from './latencies.ts';
import { arrivalsOf, hasBound, type LoadTest, takesAnyCertificate } from './load-test.ts';
import { type RequestLog, RequestState, type Trouble } from './request-log.ts';
import type { ShardNumber } from './shards.ts';
import { type Distribution, distributionOf } from './statistics/distribution.ts';
import { Histogram, type HistogramJson } from './statistics/histogram.ts';
import {
  type Confidence,
  confidence,
  countGood,
  type SteadyState,
  steadyState,
} from './statistics/in-depth.ts';
import { type Summary, summarize } from './statistics/summary.ts';
import { type Timeline, timeline } from './statistics/timeline.ts';

/** The figures of one metric in milliseconds. */
export interface MetricFigures {
  readonly mean_ms: number;
  readonly median_ms: number;
  readonly std_ms: number;
  readonly [percentile: `p${number}_ms`]: number;
}

type PublicMetric = 'ttft' | 'tpot' | 'itl' | 'e2el';

export type MetricName = PublicMetric | 'chunk_gap';

/** `mean_ttft_ms`, `median_tpot_ms`, … for every public metric. */
type PublicFigures = Readonly<Record<`${'mean' | 'median' | 'std'}_${PublicMetric}_ms`, number>>;

/**
 * What a load test measured: the fields of vLLM's `bench serve` (contract §4) and ours. A latency is at top level as
 * `<figure>_<metric>_ms` for the public metrics only (ttft, tpot, itl, e2el); what is ours is nested.
 */
export interface RawResult extends PublicFigures {
  /** Local time, `YYYYMMDD-HHMMSS`. */
  readonly date: string;
  readonly backend: string;
  readonly model_id: string;
  readonly tokenizer_id: string;
  readonly num_prompts: number;
  readonly request_rate: number | 'inf';
  readonly burstiness: number;
  /** null for no bound. */
  readonly max_concurrency: number | null;
  /** Seconds from the first send to the end of the last reply. */
  readonly duration: number;
  readonly completed: number;
  /** Of completed requests, as sent. */
  readonly total_input_tokens: number;
  readonly total_output_tokens: number;
  readonly request_throughput: number;
  /** Replies per second that met every objective asked for. */
  readonly request_goodput?: number;
  readonly output_throughput: number;
  readonly total_token_throughput: number;
  readonly [percentile: `p${number}_${PublicMetric}_ms`]: number;

  /** Per request, where the test asked for detail; times in seconds, '' for no error. */
  readonly input_lens?: readonly number[];
  readonly output_lens?: readonly number[];
  readonly ttfts?: readonly number[];
  readonly itls?: readonly (readonly number[])[];
  readonly errors?: readonly string[];

  readonly failed: number;
  /** Every kind of trouble that was met; `failed` says whether such a request counts as failed. */
  readonly troubles: readonly Trouble[];
  /** Gaps between chunks as they came; `itl` is gaps between tokens. */
  readonly chunk_gap: MetricFigures;
  readonly chunks: number;
  /** 1000 / TPOT of each reply that has one, tok/s/user; its spread is not what `std_tpot_ms` would give. */
  readonly interactivity: { readonly mean: number; readonly std: number };
  /** The relative error of the percentiles of `itl` and `chunk_gap`: 0 when exact. All others always are. */
  readonly gap_quantile_error: number;
  /** An open loop's latencies from the actual send; its public ones count from the scheduled send. */
  readonly from_send?: { readonly ttft: MetricFigures; readonly e2el: MetricFigures };
  /** The same figures of the steady part of the run; the public ones are of all of it. */
  readonly steady_state?: SteadyState;
  readonly confidence_95: Confidence;
  /** How the run went over time, in at most 120 intervals. */
  readonly timeline: Timeline;
  /** The latencies as histograms of at most 66 buckets, for drawing. */
  readonly distributions: Readonly<Record<MetricName, Distribution>>;
  /** Which part of a larger test this is, from 1. */
  readonly shard?: ShardNumber;
  /** Of a result that can be merged with others: samples in milliseconds. */
  readonly histograms?: Readonly<Record<MetricName, HistogramJson>>;
  /** Start of the measurement, seconds since 1970. */
  readonly started_at: number;
  readonly seed: number;
  /** What of a data set was left out, sent again or sent otherwise than it says, in sentences. */
  readonly notes?: readonly string[];
  readonly warmup_requests: number;
  /** The server's certificate was not checked: who answered is not known. */
  readonly insecure?: true;
  readonly fidelity: Fidelity;
  /** The test was ended early: the figures are of what was done. */
  readonly partial?: true;
}

const defaultPercentiles = [90, 99, 99.9];

/** Turns what was recorded into the result. */
export function rawResult(
  test: LoadTest,
  log: RequestLog,
  measured: {
    readonly date: Date;
    /** On the log's clock. */
    readonly startMs: number;
    readonly durationMs: number;
    readonly partial: boolean;
    readonly fidelity: Fidelity;
  },
): RawResult {
  const percentiles = test.percentiles ?? defaultPercentiles;
  const seconds = measured.durationMs / 1000;
  const perSecond = (count: number): number => (seconds > 0 ? count / seconds : 0);
  const completed = log.count(RequestState.completed);
  const inputTokens = sum(log.completed((index) => log.inputTokens[index] ?? 0));
  const outputTokens = sum(log.completed((index) => log.outputTokens[index] ?? 0));
  const latencies = latenciesOf(log, 'due');
  const sent = latenciesOf(log, 'sent');
  const steady = steadyState(log, latencies);
  const inDepth = {
    ...(arrivalsOf(test) === undefined
      ? {}
      : {
          from_send: {
            ttft: figures(summarize(sent.ttftMs, percentiles)),
            e2el: figures(summarize(sent.e2elMs, percentiles)),
          },
        }),
    ...(steady === undefined ? {} : { steady_state: steady }),
    confidence_95: confidence(latencies, test.seed),
  };
  const goodput =
    test.goodput === undefined ? {} : { request_goodput: perSecond(countGood(latencies, test.goodput)) };
  // Sorts in place: all that needs the samples in order of time was done above.
  const ttft = summarize(latencies.ttftMs, percentiles);
  const tpotsMs = definedTpots(latencies.tpotMs);
  const tpot = summarize(tpotsMs, percentiles);
  // A reply whose tokens all came in one chunk has a TPOT of 0, and no interactivity.
  const interactivity = summarize(
    tpotsMs.filter((ms) => ms > 0).map((ms) => 1000 / ms),
    [],
  );
  const e2el = summarize(latencies.e2elMs, percentiles);
  const chunkGap = log.chunkGapsMs.describe(percentiles);
  const itl = log.tokenGapsMs === log.chunkGapsMs ? chunkGap : log.tokenGapsMs.describe(percentiles);
  return {
    date: compactLocalTime(measured.date),
    backend: test.backend,
    model_id: test.modelId ?? test.model,
    tokenizer_id: test.tokenizerId,
    num_prompts: log.length,
    request_rate: Number.isFinite(test.requestRate) ? test.requestRate : 'inf',
    burstiness: test.burstiness,
    max_concurrency: hasBound(test) ? test.maxConcurrency : null,
    duration: seconds,
    completed,
    total_input_tokens: inputTokens,
    total_output_tokens: outputTokens,
    request_throughput: perSecond(completed),
    ...goodput,
    output_throughput: perSecond(outputTokens),
    total_token_throughput: perSecond(inputTokens + outputTokens),
    mean_ttft_ms: ttft.mean,
    median_ttft_ms: ttft.median,
    std_ttft_ms: ttft.std,
    ...percentilesOf(ttft, '_ttft'),
    mean_tpot_ms: tpot.mean,
    median_tpot_ms: tpot.median,
    std_tpot_ms: tpot.std,
    ...percentilesOf(tpot, '_tpot'),
    mean_itl_ms: itl.summary.mean,
    median_itl_ms: itl.summary.median,
    std_itl_ms: itl.summary.std,
    ...percentilesOf(itl.summary, '_itl'),
    mean_e2el_ms: e2el.mean,
    median_e2el_ms: e2el.median,
    std_e2el_ms: e2el.std,
    ...percentilesOf(e2el, '_e2el'),
    ...detail(log),
    failed: log.count(RequestState.failed),
    troubles: [...log.troubles.values()].sort((a, b) => b.count - a.count),
    interactivity: { mean: interactivity.mean, std: interactivity.std },
    chunk_gap: figures(chunkGap.summary),
    chunks: sum(log.completed((index) => log.chunks[index] ?? 0)),
    gap_quantile_error: log.tokenGapsMs.quantileError,
    ...inDepth,
    timeline: timeline(log, measured.startMs, measured.durationMs),
    distributions: {
      ttft: distributionOf(latencies.ttftMs),
      tpot: distributionOf(tpotsMs),
      itl: itl.distribution,
      e2el: distributionOf(latencies.e2elMs),
      chunk_gap: chunkGap.distribution,
    },
    ...(test.shard === undefined ? {} : { shard: test.shard }),
    ...(test.mergeable === true
      ? {
          histograms: {
            ttft: Histogram.of(latencies.ttftMs).toJson(),
            tpot: Histogram.of(tpotsMs).toJson(),
            itl: log.tokenGapsMs.histogram().toJson(),
            e2el: Histogram.of(latencies.e2elMs).toJson(),
            chunk_gap: log.chunkGapsMs.histogram().toJson(),
          },
        }
      : {}),
    started_at: measured.date.getTime() / 1000,
    seed: test.seed,
    ...(test.notes === undefined || test.notes.length === 0 ? {} : { notes: test.notes }),
    warmup_requests: test.warmupRequests,
    ...(takesAnyCertificate(test) ? { insecure: true as const } : {}),
    fidelity: measured.fidelity,
    ...(measured.partial ? { partial: true as const } : {}),
  };
}

function figures(summary: Summary): MetricFigures {
  const { mean, median, std } = summary;
  return { mean_ms: mean, median_ms: median, std_ms: std, ...percentilesOf(summary, '') };
}

function percentilesOf({ percentiles }: Summary, suffix: string): Record<string, number> {
  return Object.fromEntries([...percentiles].map(([percent, value]) => [`p${percent}${suffix}_ms`, value]));
}

function detail(
  log: RequestLog,
): Pick<RawResult, 'input_lens' | 'output_lens' | 'ttfts' | 'itls' | 'errors'> {
  const { detailedGapsMs, detailedErrors } = log;
  if (detailedGapsMs === undefined || detailedErrors === undefined) return {};
  const done = (index: number): boolean => log.state[index] === RequestState.completed;
  const each = <T>(value: (index: number) => T): T[] =>
    Array.from({ length: log.length }, (_, index) => value(index));
  return {
    input_lens: [...log.inputTokens],
    output_lens: each((index) => (done(index) ? (log.outputTokens[index] ?? 0) : 0)),
    ttfts: each((index) =>
      done(index) ? ((log.firstTokenMs[index] ?? 0) - (log.startMs[index] ?? 0)) / 1000 : 0,
    ),
    itls: detailedGapsMs.map((gapsMs) => Array.from(gapsMs ?? [], (gapMs) => gapMs / 1000)),
    errors: detailedErrors.map((error) => error ?? ''),
  };
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function compactLocalTime(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}`;
  return `${day}-${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`;
}
