import { definedTpots, latenciesOf } from './latencies.ts';
import { type RequestLog, RequestState } from './request-log.ts';
import { quantileOfSorted } from './statistics/summary.ts';
import type { StreamCounters } from './stream.ts';

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
  readonly medianTtftMs: number;
  readonly medianTpotMs: number;
}

export function progressOf(log: RequestLog, counters: StreamCounters, elapsedMs: number): LoadProgress {
  const elapsedS = elapsedMs / 1000;
  const completed = log.count(RequestState.completed);
  const { ttftMs, tpotMs } = latenciesOf(log, 'due');
  let outputTokens = 0;
  for (const tokens of log.outputTokens) outputTokens += tokens;
  return {
    elapsedS,
    total: log.length,
    completed,
    failed: log.count(RequestState.failed),
    inFlight: counters.inFlight,
    outputThroughput: elapsedS > 0 ? outputTokens / elapsedS : 0,
    requestThroughput: elapsedS > 0 ? completed / elapsedS : 0,
    medianTtftMs: quantileOfSorted(ttftMs.sort(), 0.5),
    medianTpotMs: quantileOfSorted(definedTpots(tpotMs).sort(), 0.5),
  };
}
