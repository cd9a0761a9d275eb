import { defined } from '../defined/defined.ts';
import { recordedArrivals } from './arrivals/index.ts';
import { backendFor, poolingOf } from './backends/index.ts';
import { repliesEndedIn, workIn } from './ending/test-window.ts';
import { latenciesOf } from './latencies.ts';
import { arrivalsOf, defaultPercentiles, hasBound, type LoadTest, takesAnyCertificate } from './load-test.ts';
import { type RequestLog, RequestState, type TestWindow } from './request-log.ts';
import type {
  EndedBy,
  Fidelity,
  MetricFigures,
  PartFigures,
  PublicFigures,
  RawResult,
  VisibleTextFigures,
} from './result-schema.ts';
import { distributionOf } from './statistics/distribution.ts';
import { Histogram } from './statistics/histogram.ts';
import { idealPrefixCache } from './statistics/ideal-prefix-cache.ts';
import { confidence, goodputOf, steadyState } from './statistics/in-depth.ts';
import { type Division, figuresOf, partFigures } from './statistics/part-figures.ts';
import { prefixCache } from './statistics/prefix-cache.ts';
import { goodputLimits, sloFigures } from './statistics/slo-attainment.ts';
import { type Summary, summarize } from './statistics/summary.ts';
import { timeline } from './statistics/timeline.ts';
import { known, orNull, sum, valueAt } from './unknown.ts';

/** Computes the result from the recorded log. Times in `measured` are in milliseconds. */
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
    /** Whether the server emptied its prefix cache before the test; undefined if it was not asked to. */
    readonly cacheWasReset?: boolean | undefined;
    /** How requests were divided among several servers, or among several models. */
    readonly servers?: Division | undefined;
    readonly models?: Division | undefined;
    /** Sentences that a reader of the result should know. */
    readonly notes: readonly string[];
    readonly endedBy?: EndedBy;
    /** The part of the test that the figures are about, on the log's clock; undefined for all of it. */
    readonly window?: TestWindow | undefined;
  },
): RawResult {
  const percentiles = test.percentiles ?? defaultPercentiles;
  const notes = [...(test.notes ?? []), ...measured.notes];
  const { window, endedBy } = measured;
  const durationMs = window === undefined ? measured.durationMs : window.toMs - window.fromMs;
  const seconds = durationMs / 1000;
  const startS = measured.date.getTime() / 1000;
  const figuresFromS = window === undefined ? startS : startS + (window.fromMs - measured.startMs) / 1000;
  const perSecond = (count: number): number => (count === 0 ? 0 : count / seconds);
  const completed = log.count(RequestState.completed);
  const inputTokens = sum(log.completed((index) => valueAt(log.inputTokens, index)));
  const outputTokens = sum(log.completed((index) => valueAt(log.outputTokens, index)));
  const work = window === undefined ? undefined : workIn(log, window);
  const pools = poolingOf(backendFor(test));
  const served = {
    results: work?.results ?? sum(log.completed((index) => valueAt(log.results, index))),
    replies: work?.replies ?? completed,
    inputTokens: work?.inputTokens ?? inputTokens,
    outputTokens: work?.outputTokens ?? outputTokens,
  };
  const latencies = latenciesOf(log, 'due');
  const steady = steadyState(log, latencies, measured.startMs);
  const inDepth = {
    ...defined({
      from_send: arrivalsOf(test) === undefined ? undefined : fromSend(log, percentiles),
      steady_state:
        pools === undefined || steady === undefined ? steady : { ...steady, output_throughput: null },
    }),
    confidence_95: confidence(latencies, test.seed),
  };
  const limits = goodputLimits(test);
  const goodput = limits === undefined ? undefined : goodputOf(log, limits, log.completedIndexes());
  const goodWork =
    limits === undefined || window === undefined
      ? goodput
      : goodputOf(log, limits, repliesEndedIn(log, window));
  const parts = (division: Division | undefined): PartFigures[] | undefined =>
    division === undefined
      ? undefined
      : partFigures(log, latencies, division, { seconds, percentiles, generates: pools === undefined });
  const servers = parts(measured.servers);
  const models = parts(measured.models);
  // Sorted ascending from here on.
  const ttftsMs = known(latencies.ttftMs).sort();
  const tpotsMs = known(latencies.tpotMs).sort();
  const e2elsMs = known(latencies.e2elMs).sort();
  // A reply that arrived in one chunk has a TPOT of 0 and no interactivity.
  const interactivity = summarize(
    tpotsMs.filter((ms) => ms > 0).map((ms) => 1000 / ms),
    [],
  );
  const chunkGap = log.chunkGapsMs.describe(percentiles);
  const itl = log.tokenGapsMs === log.chunkGapsMs ? chunkGap : log.tokenGapsMs.describe(percentiles);
  return {
    date: compactLocalTime(measured.date),
    benchmark_start_time_unix: figuresFromS,
    benchmark_end_time_unix: figuresFromS + seconds,
    backend: test.backend,
    model_id: test.modelId ?? test.model,
    tokenizer_id: test.tokenizerId,
    num_prompts:
      endedBy !== undefined && isCutShort(endedBy) ? log.length - log.count(RequestState.unsent) : log.length,
    ...sendingOf(test),
    max_concurrency: hasBound(test) ? test.maxConcurrency : null,
    duration: seconds,
    completed,
    total_input_tokens: orNull(inputTokens),
    total_output_tokens: orNull(outputTokens),
    request_throughput: perSecond(served.replies),
    ...defined({
      request_goodput:
        goodWork === undefined ? undefined : goodWork.not_known > 0 ? null : perSecond(goodWork.met),
      goodput,
      slo: goodput === undefined ? undefined : sloFigures(log, test, goodput),
    }),
    output_throughput: pools === undefined ? orNull(perSecond(served.outputTokens)) : null,
    total_token_throughput: orNull(perSecond(served.inputTokens + served.outputTokens)),
    ...publicFigures({
      ttft: summarize(ttftsMs, percentiles),
      tpot: summarize(tpotsMs, percentiles),
      itl: itl.summary,
      e2el: summarize(e2elsMs, percentiles),
    }),
    ...detail(log, measured.date, measured.startMs),
    failed: log.count(RequestState.failed),
    ...defined({
      servers,
      models,
      pooling:
        pools === undefined
          ? undefined
          : {
              unit: pools.unit,
              results: sum(log.completed((index) => valueAt(log.results, index))),
              result_throughput: perSecond(served.results),
              input_throughput: orNull(perSecond(served.inputTokens)),
            },
    }),
    troubles: [...log.troubles.values()].sort((a, b) => b.count - a.count),
    interactivity: { mean: orNull(interactivity.mean), std: orNull(interactivity.std) },
    first_text: visibleText(latencies.firstTextMs, latencies.ttftMs, percentiles),
    first_answer: visibleText(latencies.firstAnswerMs, latencies.ttftMs, percentiles),
    prefix_cache: prefixCache(log),
    ...defined({ prefix_cache_reset: measured.cacheWasReset }),
    ideal_prefix_cache: idealPrefixCache(test, log),
    chunk_gap: figuresOf(chunkGap.summary),
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
    started_at: startS,
    seed: test.seed,
    ...defined({ notes: notes.length === 0 ? undefined : notes }),
    warmup_requests: test.warmupRequests,
    ...defined({
      ended_by: endedBy,
      window:
        window === undefined
          ? undefined
          : {
              from_s: (window.fromMs - measured.startMs) / 1000,
              to_s: (window.toMs - measured.startMs) / 1000,
              outside: log.count(RequestState.outside),
            },
    }),
    ...defined({ insecure: takesAnyCertificate(test) ? (true as const) : undefined }),
    fidelity: measured.fidelity,
    ...defined({ partial: measured.partial ? (true as const) : undefined }),
  };
}

/** When requests were sent: at one rate, in a closed loop, or as `arrivals` says. */
function sendingOf({ arrivals, requestRate, burstiness }: LoadTest) {
  const finite = (value: number) => (Number.isFinite(value) ? value : ('inf' as const));
  if (arrivals === undefined) return { request_rate: finite(requestRate), burstiness: finite(burstiness) };
  const { rate, burstiness: shape = burstiness, stages } = recordedArrivals(arrivals);
  if (rate !== undefined) return { request_rate: rate, burstiness: finite(shape) };
  const recorded = stages?.map(({ rate: to, fromRate, durationS, shape: course }) => ({
    rate: to,
    seconds: durationS,
    ...defined({ from_rate: fromRate, shape: course }),
  }));
  return {
    request_rate: null,
    burstiness: finite(shape),
    arrivals: { kind: arrivals.kind, ...defined({ stages: recorded }) },
  };
}

/** Whether a test by time or with a rule ended before its requests were used up. */
function isCutShort({ reason }: EndedBy): boolean {
  return reason !== 'requests' && reason !== 'interruption';
}

function visibleText(
  samples: Float64Array,
  ttftMs: Float64Array,
  percentiles: readonly number[],
): VisibleTextFigures {
  const knownMs = known(samples);
  const differ = samples.filter((ms, index) => !Number.isNaN(ms) && ms !== valueAt(ttftMs, index)).length;
  return { replies: knownMs.length, differ, ...figuresOf(summarize(knownMs, percentiles)) };
}

function fromSend(log: RequestLog, percentiles: readonly number[]): NonNullable<RawResult['from_send']> {
  const { ttftMs, e2elMs } = latenciesOf(log, 'sent');
  const ofKnown = (samples: Float64Array): MetricFigures => figuresOf(summarize(known(samples), percentiles));
  return { ttft: ofKnown(ttftMs), e2el: ofKnown(e2elMs) };
}

/** The public metrics at top level, in the order of vLLM's client. */
function publicFigures(
  summaries: Readonly<Record<'ttft' | 'tpot' | 'itl' | 'e2el', Summary>>,
): PublicFigures {
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

function percentilesOf({ percentiles }: Summary, suffix: string): Record<string, number | null> {
  return Object.fromEntries(
    [...percentiles].map(([percent, value]) => [`p${percent}${suffix}_ms`, orNull(value)]),
  );
}

type Detail = Pick<
  RawResult,
  | 'input_lens'
  | 'output_lens'
  | 'cached_tokens'
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
    cached_tokens: ofCompleted((index) => valueAt(log.cachedTokens, index)),
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
