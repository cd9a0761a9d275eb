import type { Verdict } from './fidelity/verdict.ts';
import type { StreamCounters } from './recording.ts';
import { type RequestLog, RequestState } from './request-log.ts';
import { quantileOfSorted } from './statistics/summary.ts';

/** How a running test stands. */
export interface LoadProgress {
  readonly elapsedS: number;
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  readonly inFlight: number;
  /** Output tokens per second of the replies completed so far. */
  readonly outputThroughput: number;
  readonly requestThroughput: number;
  /** Of the last replies: up to 500. */
  readonly medianTtftMs: number;
  readonly medianTpotMs: number;
  /** Of what was done so far. */
  readonly verdict: Verdict;
}

/** Sorting more while the clock runs would hold up the reading of replies. */
const recentReplies = 500;

export function progressOf(
  log: RequestLog,
  counters: Readonly<StreamCounters>,
  elapsedMs: number,
  verdict: Verdict,
): LoadProgress {
  const elapsedS = elapsedMs / 1000;
  const { completed, failed, outputTokens, inFlight } = counters;
  const ttftsMs: number[] = [];
  const tpotsMs: number[] = [];
  for (let index = log.length - 1; index >= 0 && ttftsMs.length < recentReplies; index--) {
    if (log.state[index] !== RequestState.completed) continue;
    const tokens = log.outputTokens[index] ?? 0;
    const firstMs = log.firstTokenMs[index] ?? 0;
    ttftsMs.push(firstMs - (log.startMs[index] ?? 0));
    if (tokens > 1) tpotsMs.push(((log.lastTokenMs[index] ?? 0) - firstMs) / (tokens - 1));
  }
  const median = (samples: number[]): number =>
    quantileOfSorted(
      samples.sort((a, b) => a - b),
      0.5,
    );
  return {
    elapsedS,
    total: log.length,
    completed,
    failed,
    inFlight,
    outputThroughput: elapsedS > 0 ? outputTokens / elapsedS : 0,
    requestThroughput: elapsedS > 0 ? completed / elapsedS : 0,
    medianTtftMs: median(ttftsMs),
    medianTpotMs: median(tpotsMs),
    verdict,
  };
}
