import type { Latencies } from '../latencies.ts';
import type { Slos } from '../load-test.ts';
import { type RequestLog, RequestState } from '../request-log.ts';
import { known, orNull, valueAt } from '../unknown.ts';
import { blockBootstrapIntervals, type Interval } from './bootstrap.ts';
import { steadyWindow } from './steady-state.ts';
import { quantileOfSorted } from './summary.ts';

/**
 * Figures of the part of a run that was in a steady state; see `steadyWindow` for how it is found. null is not known: no
 * reply in it has the figure, or of the throughput, the tokens or times of a reply are not known.
 */
export interface SteadyState {
  readonly method: 'MSER-5 to the last send';
  /** Seconds after the first request's start. */
  readonly from_s: number;
  readonly to_s: number;
  readonly requests: number;
  readonly median_ttft_ms: number | null;
  readonly median_tpot_ms: number | null;
  readonly median_e2el_ms: number | null;
  /** Tokens per second, each reply's tokens spread evenly between its first and its last. */
  readonly output_throughput: number | null;
}

export function steadyState(log: RequestLog, latencies: Latencies): SteadyState | undefined {
  const ofTimed = (samples: Float64Array): Float64Array =>
    samples.filter((_, index) => !Number.isNaN(valueAt(latencies.e2elMs, index)));
  const window = steadyWindow(ofTimed(latencies.startMs), ofTimed(latencies.e2elMs));
  if (window === undefined) return undefined;
  const { fromMs, toMs } = window;
  const within = (samples: Float64Array): Float64Array =>
    samples.filter((_, index) => {
      const startMs = valueAt(latencies.startMs, index);
      return startMs >= fromMs && startMs <= toMs;
    });
  const median = (samples: Float64Array): number | null =>
    orNull(quantileOfSorted(known(within(samples)).sort(), 0.5));
  const originMs = latencies.startMs.reduce((earliest, atMs) => Math.min(earliest, atMs), fromMs);
  return {
    method: 'MSER-5 to the last send',
    from_s: (fromMs - originMs) / 1000,
    to_s: (toMs - originMs) / 1000,
    requests: within(latencies.startMs).length,
    median_ttft_ms: median(latencies.ttftMs),
    median_tpot_ms: median(latencies.tpotMs),
    median_e2el_ms: median(latencies.e2elMs),
    output_throughput: orNull((1000 * tokensWithin(log, fromMs, toMs)) / (toMs - fromMs)),
  };
}

/** NaN if a reply that was under way between the two times does not say when its tokens came, or how many. */
function tokensWithin(log: RequestLog, fromMs: number, toMs: number): number {
  let tokens = 0;
  for (let index = 0; index < log.length; index++) {
    if (log.state[index] !== RequestState.completed) continue;
    if (valueAt(log.startMs, index) > toMs || valueAt(log.endMs, index) < fromMs) continue;
    const firstMs = valueAt(log.firstTokenMs, index);
    const lastMs = valueAt(log.lastTokenMs, index);
    if (firstMs > toMs || lastMs < fromMs) continue;
    const overlapMs = Math.min(lastMs, toMs) - Math.max(firstMs, fromMs);
    const share = lastMs === firstMs ? 1 : overlapMs / (lastMs - firstMs);
    tokens += valueAt(log.outputTokens, index) * share;
  }
  return tokens;
}

/** 95 % confidence intervals by the moving-block bootstrap, as [low, high], by the name of the public figure. */
export type Confidence = Readonly<Record<string, Interval>>;

export function confidence(latencies: Latencies, seed: number): Confidence {
  const order = Uint32Array.from(latencies.startMs.keys()).sort(
    (a, b) => valueAt(latencies.startMs, a) - valueAt(latencies.startMs, b),
  );
  const inOrder = (samples: Float64Array): Float64Array =>
    known(Float64Array.from(order, (index) => valueAt(samples, index)));
  const metrics = {
    ttft: inOrder(latencies.ttftMs),
    tpot: inOrder(latencies.tpotMs),
    e2el: inOrder(latencies.e2elMs),
  };
  const intervals: Record<string, Interval> = {};
  for (const [metric, samples] of Object.entries(metrics)) {
    const [median, p99] = blockBootstrapIntervals(samples, [0.5, 0.99], { confidence: 0.95, seed }) ?? [];
    if (median !== undefined) intervals[`median_${metric}_ms`] = median;
    if (p99 !== undefined) intervals[`p99_${metric}_ms`] = p99;
  }
  return intervals;
}

/** How many replies met every objective, and of how many that is not sure. */
export interface Goodput {
  /** Replies that met every objective; one that has no TPOT cannot miss one for TPOT. */
  readonly met: number;
  /** Of those: replies of one token, which have no TPOT, in a test with an objective for it. */
  readonly met_without_tpot: number;
  /** Replies that lack a figure of which there is an objective, and miss no other: they may have met all or not. */
  readonly not_known: number;
}

/** Counts the replies by their objectives, a log's in the order of the latencies. */
export function goodputOf(log: RequestLog, latencies: Latencies, slos: Slos): Goodput {
  const tokens = log.completed((index) => valueAt(log.outputTokens, index));
  let [met, metWithoutTpot, notKnown] = [0, 0, 0];
  for (let index = 0; index < tokens.length; index++) {
    // Several tokens that came at once have no TPOT either, but not because there was no pace to keep.
    const hasNoTpot = slos.tpot !== undefined && valueAt(tokens, index) <= 1;
    const judged = [
      meets(valueAt(latencies.ttftMs, index), slos.ttft),
      hasNoTpot ? true : meets(valueAt(latencies.tpotMs, index), slos.tpot),
      meets(valueAt(latencies.e2elMs, index), slos.e2el),
    ];
    if (judged.includes(false)) continue;
    if (judged.includes(undefined)) notKnown++;
    else {
      met++;
      if (hasNoTpot) metWithoutTpot++;
    }
  }
  return { met, met_without_tpot: metWithoutTpot, not_known: notKnown };
}

/** Undefined if it is not known. */
function meets(valueMs: number, limitMs: number | undefined): boolean | undefined {
  if (limitMs === undefined) return true;
  return Number.isNaN(valueMs) ? undefined : valueMs <= limitMs;
}
