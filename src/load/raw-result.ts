import { defined } from '../defined/defined.ts';
import type { Fidelity } from './fidelity/verdict.ts';
import { latenciesOf } from './latencies.ts';
import { arrivalsOf, defaultPercentiles, hasBound, type LoadTest, takesAnyCertificate } from './load-test.ts';
import { type RequestLog, RequestState, type Trouble } from './request-log.ts';
import type { ShardNumber } from './shards.ts';
import { type Distribution, distributionOf } from './statistics/distribution.ts';
import { Histogram, type HistogramJson } from './statistics/histogram.ts';
import {
  type Confidence,
  confidence,
  type Goodput,
  goodputOf,
  type SteadyState,
  steadyState,
} from './statistics/in-depth.ts';
import { type PrefixCache, prefixCache } from './statistics/prefix-cache.ts';
import { type Summary, summarize } from './statistics/summary.ts';
import { type Timeline, timeline } from './statistics/timeline.ts';
import { known, orNull, sum, valueAt } from './unknown.ts';

/** The figures of one metric in milliseconds, over the replies that have it; null each if none has. */
export interface MetricFigures {
  readonly mean_ms: number | null;
  readonly median_ms: number | null;
  readonly std_ms: number | null;
  readonly [percentile: `p${number}_ms`]: number | null;
}

/** When replies began to be visible, from the same start as TTFT; over the replies that did. */
export interface VisibleTextFigures extends MetricFigures {
  readonly replies: number;
  /** Replies in which it is not the time to the first token. */
  readonly differ: number;
}

type PublicMetric = 'ttft' | 'tpot' | 'itl' | 'e2el';

export type LatencyName = PublicMetric | 'chunk_gap';

/** The figures that results of several shards can be merged of. */
export type HistogramName = LatencyName | 'first_text' | 'first_answer';

/** `mean_ttft_ms`, `median_tpot_ms`, … for every public metric. */
type PublicFigures = Readonly<Record<`${'mean' | 'median' | 'std'}_${PublicMetric}_ms`, number | null>>;

/**
 * What a load test measured: the fields of vLLM's `bench serve` (contract §4) and ours. A latency is at top level as
 * `<figure>_<metric>_ms` for the public metrics only (ttft, tpot, itl, e2el); what is ours is nested. null is not known,
 * or not defined: a test of replies of one token has no TPOT.
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
  /** Seconds from the first send to the end of the last request that completed. */
  readonly duration: number;
  readonly completed: number;
  /** Of completed requests, as sent; null if that of any is not known, as below. */
  readonly total_input_tokens: number | null;
  readonly total_output_tokens: number | null;
  readonly request_throughput: number;
  /** Replies per second that met every objective asked for; null if it is not known of some whether they did. */
  readonly request_goodput?: number | null;
  readonly output_throughput: number | null;
  readonly total_token_throughput: number | null;
  readonly [percentile: `p${number}_${PublicMetric}_ms`]: number | null;

  /**
   * Per request, if the test asked for detail. Latencies are in seconds, times in seconds since 1970, and null is what a
   * request does not have: one that failed has no TTFT. '' is no error.
   */
  readonly input_lens?: readonly (number | null)[];
  readonly output_lens?: readonly (number | null)[];
  readonly ttfts?: readonly (number | null)[];
  readonly itls?: readonly (readonly number[])[];
  readonly errors?: readonly string[];
  readonly start_times?: readonly (number | null)[];
  readonly first_token_times?: readonly (number | null)[];
  readonly last_token_times?: readonly (number | null)[];
  /** When the request was over. */
  readonly end_times?: readonly (number | null)[];
  /** What each reply says; null beyond the first 67 million characters of a thread, and for a request that failed. */
  readonly generated_texts?: readonly (string | null)[];

  readonly failed: number;
  /** Of `request_goodput`. */
  readonly goodput?: Goodput;
  /** Every kind of trouble that was met; `failed` says whether such a request counts as failed. */
  readonly troubles: readonly Trouble[];
  /** Gaps between chunks as they came; `itl` is gaps between tokens. */
  readonly chunk_gap: MetricFigures;
  readonly chunks: number;
  /** 1000 / TPOT of each reply that has one, tok/s/user; its spread is not what `std_tpot_ms` would give. */
  readonly interactivity: { readonly mean: number | null; readonly std: number | null };
  /** Time to the first visible text: later than TTFT for a reply whose first tokens show none. */
  readonly first_text: VisibleTextFigures;
  /** Time to the first token of the answer, of replies that reason before it. */
  readonly first_answer: VisibleTextFigures;
  readonly prefix_cache: PrefixCache;
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
  readonly distributions: Readonly<Record<LatencyName, Distribution>>;
  /** Which part of a larger test this is, from 1. */
  readonly shard?: ShardNumber;
  /** Of a result that can be merged with others: samples in milliseconds. */
  readonly histograms?: Readonly<Record<HistogramName, HistogramJson>>;
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
    /** What a reader of the result should know, in sentences. */
    readonly notes: readonly string[];
  },
): RawResult {
  const percentiles = test.percentiles ?? defaultPercentiles;
  const notes = [...(test.notes ?? []), ...measured.notes];
  const seconds = measured.durationMs / 1000;
  const perSecond = (count: number): number => (count === 0 ? 0 : count / seconds);
  const completed = log.count(RequestState.completed);
  const inputTokens = sum(log.completed((index) => valueAt(log.inputTokens, index)));
  const outputTokens = sum(log.completed((index) => valueAt(log.outputTokens, index)));
  const latencies = latenciesOf(log, 'due');
  const steady = steadyState(log, latencies);
  const inDepth = {
    ...defined({
      from_send: arrivalsOf(test) === undefined ? undefined : fromSend(log, percentiles),
      steady_state: steady,
    }),
    confidence_95: confidence(latencies, test.seed),
  };
  const goodput = test.goodput === undefined ? undefined : goodputOf(log, latencies, test.goodput);
  // In the order of their size from here on.
  const ttftsMs = known(latencies.ttftMs).sort();
  const tpotsMs = known(latencies.tpotMs).sort();
  const e2elsMs = known(latencies.e2elMs).sort();
  // A reply whose tokens all came in one chunk has a TPOT of 0, and no interactivity.
  const interactivity = summarize(
    tpotsMs.filter((ms) => ms > 0).map((ms) => 1000 / ms),
    [],
  );
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
    total_input_tokens: orNull(inputTokens),
    total_output_tokens: orNull(outputTokens),
    request_throughput: perSecond(completed),
    ...defined({
      request_goodput:
        goodput === undefined ? undefined : goodput.not_known > 0 ? null : perSecond(goodput.met),
      goodput,
    }),
    output_throughput: orNull(perSecond(outputTokens)),
    total_token_throughput: orNull(perSecond(inputTokens + outputTokens)),
    ...publicFigures({
      ttft: summarize(ttftsMs, percentiles),
      tpot: summarize(tpotsMs, percentiles),
      itl: itl.summary,
      e2el: summarize(e2elsMs, percentiles),
    }),
    ...detail(log, measured.date, measured.startMs),
    failed: log.count(RequestState.failed),
    troubles: [...log.troubles.values()].sort((a, b) => b.count - a.count),
    interactivity: { mean: orNull(interactivity.mean), std: orNull(interactivity.std) },
    first_text: visibleText(latencies.firstTextMs, latencies.ttftMs, percentiles),
    first_answer: visibleText(latencies.firstAnswerMs, latencies.ttftMs, percentiles),
    prefix_cache: prefixCache(log),
    chunk_gap: figures(chunkGap.summary),
    chunks: sum(log.completed((index) => valueAt(log.chunks, index))),
    gap_quantile_error: log.tokenGapsMs.quantileError,
    ...inDepth,
    timeline: timeline(log, measured.startMs, measured.durationMs),
    distributions: {
      ttft: distributionOf(ttftsMs),
      tpot: distributionOf(tpotsMs),
      itl: itl.distribution,
      e2el: distributionOf(e2elsMs),
      chunk_gap: chunkGap.distribution,
    },
    ...defined({
      shard: test.shard,
      histograms:
        test.mergeable === true
          ? {
              ttft: Histogram.of(ttftsMs).toJson(),
              tpot: Histogram.of(tpotsMs).toJson(),
              itl: log.tokenGapsMs.histogram().toJson(),
              e2el: Histogram.of(e2elsMs).toJson(),
              chunk_gap: log.chunkGapsMs.histogram().toJson(),
              first_text: Histogram.of(known(latencies.firstTextMs)).toJson(),
              first_answer: Histogram.of(known(latencies.firstAnswerMs)).toJson(),
            }
          : undefined,
    }),
    started_at: measured.date.getTime() / 1000,
    seed: test.seed,
    ...defined({ notes: notes.length === 0 ? undefined : notes }),
    warmup_requests: test.warmupRequests,
    ...defined({ insecure: takesAnyCertificate(test) ? (true as const) : undefined }),
    fidelity: measured.fidelity,
    ...defined({ partial: measured.partial ? (true as const) : undefined }),
  };
}

function visibleText(
  samples: Float64Array,
  ttftMs: Float64Array,
  percentiles: readonly number[],
): VisibleTextFigures {
  const knownMs = known(samples);
  const differ = samples.filter((ms, index) => !Number.isNaN(ms) && ms !== valueAt(ttftMs, index)).length;
  return { replies: knownMs.length, differ, ...figures(summarize(knownMs, percentiles)) };
}

function fromSend(log: RequestLog, percentiles: readonly number[]): NonNullable<RawResult['from_send']> {
  const { ttftMs, e2elMs } = latenciesOf(log, 'sent');
  const figuresOf = (samples: Float64Array): MetricFigures => figures(summarize(known(samples), percentiles));
  return { ttft: figuresOf(ttftMs), e2el: figuresOf(e2elMs) };
}

/** The public metrics at top level, in the order of the public client. */
function publicFigures(summaries: Readonly<Record<PublicMetric, Summary>>): PublicFigures {
  const { ttft, tpot, itl, e2el } = summaries;
  return {
    mean_ttft_ms: orNull(ttft.mean),
    median_ttft_ms: orNull(ttft.median),
    std_ttft_ms: orNull(ttft.std),
    ...percentilesOf(ttft, '_ttft'),
    mean_tpot_ms: orNull(tpot.mean),
    median_tpot_ms: orNull(tpot.median),
    std_tpot_ms: orNull(tpot.std),
    ...percentilesOf(tpot, '_tpot'),
    mean_itl_ms: orNull(itl.mean),
    median_itl_ms: orNull(itl.median),
    std_itl_ms: orNull(itl.std),
    ...percentilesOf(itl, '_itl'),
    mean_e2el_ms: orNull(e2el.mean),
    median_e2el_ms: orNull(e2el.median),
    std_e2el_ms: orNull(e2el.std),
    ...percentilesOf(e2el, '_e2el'),
  };
}

function figures(summary: Summary): MetricFigures {
  const { mean, median, std } = summary;
  return {
    mean_ms: orNull(mean),
    median_ms: orNull(median),
    std_ms: orNull(std),
    ...percentilesOf(summary, ''),
  };
}

function percentilesOf({ percentiles }: Summary, suffix: string): Record<string, number | null> {
  return Object.fromEntries(
    [...percentiles].map(([percent, value]) => [`p${percent}${suffix}_ms`, orNull(value)]),
  );
}

type Detail = Pick<
  RawResult,
  | 'input_lens'
  | 'output_lens'
  | 'ttfts'
  | 'itls'
  | 'errors'
  | 'start_times'
  | 'first_token_times'
  | 'last_token_times'
  | 'end_times'
  | 'generated_texts'
>;

function detail(log: RequestLog, date: Date, startMs: number): Detail {
  const { detailedGapsMs, detailedErrors, detailedTexts } = log;
  if (detailedGapsMs === undefined || detailedErrors === undefined || detailedTexts === undefined) return {};
  const ofEach = (value: (index: number) => number): (number | null)[] =>
    Array.from({ length: log.length }, (_, index) => orNull(value(index)));
  const ofCompleted = (value: (index: number) => number): (number | null)[] =>
    ofEach((index) => (log.state[index] === RequestState.completed ? value(index) : Number.NaN));
  const unixS = (column: Float64Array, index: number): number =>
    (date.getTime() + valueAt(column, index) - startMs) / 1000;
  return {
    input_lens: ofEach((index) => valueAt(log.inputTokens, index)),
    output_lens: ofCompleted((index) => valueAt(log.outputTokens, index)),
    ttfts: ofCompleted((index) => (valueAt(log.firstTokenMs, index) - valueAt(log.startMs, index)) / 1000),
    itls: detailedGapsMs.map((gapsMs) => Array.from(gapsMs ?? [], (gapMs) => gapMs / 1000)),
    errors: detailedErrors.map((error) => error ?? ''),
    start_times: ofEach((index) => unixS(log.startMs, index)),
    first_token_times: ofCompleted((index) => unixS(log.firstTokenMs, index)),
    last_token_times: ofCompleted((index) => unixS(log.lastTokenMs, index)),
    end_times: ofEach((index) => unixS(log.endMs, index)),
    generated_texts: detailedTexts.map((text) => text ?? null),
  };
}

function compactLocalTime(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}`;
  return `${day}-${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`;
}
