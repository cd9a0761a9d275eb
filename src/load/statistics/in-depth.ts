import { definedTpots, type Latencies } from '../latencies.ts';
import type { Slos } from '../load-test.ts';
import { type RequestLog, RequestState } from '../request-log.ts';
import { blockBootstrapIntervals, type Interval } from './bootstrap.ts';
import { steadyWindow } from './steady-state.ts';
import { quantileOfSorted } from './summary.ts';

/** Figures of the part of a run that was in a steady state; see `steadyWindow` for how it is found. */
export interface SteadyState {
  readonly method: 'MSER-5 to the last send';
  /** Seconds after the first request's start. */
  readonly from_s: number;
  readonly to_s: number;
  readonly requests: number;
  readonly median_ttft_ms: number;
  readonly median_tpot_ms: number;
  readonly median_e2el_ms: number;
  /** Tokens per second, each reply's tokens spread evenly between its first and its last. */
  readonly output_throughput: number;
}

export function steadyState(log: RequestLog, latencies: Latencies): SteadyState | undefined {
  const window = steadyWindow(latencies.startMs, latencies.e2elMs);
  if (window === undefined) return undefined;
  const { fromMs, toMs } = window;
  const within = (samples: Float64Array): Float64Array =>
    samples.filter((_, index) => {
      const startMs = latencies.startMs[index] ?? 0;
      return startMs >= fromMs && startMs <= toMs;
    });
  const median = (samples: Float64Array): number => quantileOfSorted(samples.sort(), 0.5);
  const originMs = latencies.startMs.reduce((earliest, atMs) => Math.min(earliest, atMs), fromMs);
  return {
    method: 'MSER-5 to the last send',
    from_s: (fromMs - originMs) / 1000,
    to_s: (toMs - originMs) / 1000,
    requests: within(latencies.startMs).length,
    median_ttft_ms: median(within(latencies.ttftMs)),
    median_tpot_ms: median(definedTpots(within(latencies.tpotMs))),
    median_e2el_ms: median(within(latencies.e2elMs)),
    output_throughput: (1000 * tokensWithin(log, fromMs, toMs)) / (toMs - fromMs),
  };
}

function tokensWithin(log: RequestLog, fromMs: number, toMs: number): number {
  let tokens = 0;
  for (let index = 0; index < log.length; index++) {
    if (log.state[index] !== RequestState.completed) continue;
    const firstMs = log.firstTokenMs[index] ?? 0;
    const lastMs = log.lastTokenMs[index] ?? 0;
    const overlapMs = Math.min(lastMs, toMs) - Math.max(firstMs, fromMs);
    if (overlapMs < 0) continue;
    tokens += (log.outputTokens[index] ?? 0) * (lastMs > firstMs ? overlapMs / (lastMs - firstMs) : 1);
  }
  return tokens;
}

/** 95 % confidence intervals by the moving-block bootstrap, as [low, high], by the name of the public figure. */
export type Confidence = Readonly<Record<string, Interval>>;

export function confidence(latencies: Latencies, seed: number): Confidence {
  const order = Uint32Array.from(latencies.startMs.keys()).sort(
    (a, b) => (latencies.startMs[a] ?? 0) - (latencies.startMs[b] ?? 0),
  );
  const inOrder = (samples: Float64Array): Float64Array =>
    Float64Array.from(order, (index) => samples[index] ?? 0);
  const metrics = {
    ttft: inOrder(latencies.ttftMs),
    tpot: definedTpots(inOrder(latencies.tpotMs)),
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

/** How many replies met every objective. */
export function countGood(latencies: Latencies, slos: Slos): number {
  let good = 0;
  for (let index = 0; index < latencies.ttftMs.length; index++) {
    const meets = (value: number | undefined, limit: number | undefined): boolean =>
      limit === undefined || (value ?? 0) <= limit;
    if (
      meets(latencies.ttftMs[index], slos.ttft) &&
      meets(latencies.tpotMs[index], slos.tpot) &&
      meets(latencies.e2elMs[index], slos.e2el)
    ) {
      good++;
    }
  }
  return good;
}
