import { type RequestLog, RequestState } from './request-log.ts';

/** From when a latency counts. */
export type Origin =
  /** The scheduled send in an open loop, the send in a closed one: the public figures. */
  | 'due'
  /** The send itself: what the server did, without the wait for a late client or a free stream. */
  | 'sent';

/** The latencies of completed requests in the order of the log, milliseconds. */
export interface Latencies {
  /** When each request counts from. */
  readonly startMs: Float64Array;
  /** Request start → first token with text. */
  readonly ttftMs: Float64Array;
  /** (E2EL − TTFT) / (output tokens − 1); −1 for a reply of one token, which has none. */
  readonly tpotMs: Float64Array;
  /** Request start → last token with text. */
  readonly e2elMs: Float64Array;
}

export function latenciesOf(log: RequestLog, origin: Origin): Latencies {
  const startOf = (index: number): number => {
    const scheduledMs = log.scheduledMs[index] ?? Number.NaN;
    return origin === 'due' && !Number.isNaN(scheduledMs) ? scheduledMs : (log.startMs[index] ?? 0);
  };
  return {
    startMs: log.completed(startOf),
    ttftMs: log.completed((index) => (log.firstTokenMs[index] ?? 0) - startOf(index)),
    tpotMs: log.completed((index) => {
      const tokens = log.outputTokens[index] ?? 0;
      return tokens > 1
        ? ((log.lastTokenMs[index] ?? 0) - (log.firstTokenMs[index] ?? 0)) / (tokens - 1)
        : -1;
    }),
    e2elMs: log.completed((index) => (log.lastTokenMs[index] ?? 0) - startOf(index)),
  };
}

/** The TPOT of the replies that have one. */
export function definedTpots(tpotMs: Float64Array): Float64Array {
  return tpotMs.filter((value) => value >= 0);
}

/** How late each request that had a time was sent, milliseconds. */
export function sendDelaysMs(log: RequestLog): Float64Array {
  return log.startMs
    .map((startMs, index) =>
      log.state[index] === RequestState.unsent
        ? Number.NaN
        : startMs - (log.scheduledMs[index] ?? Number.NaN),
    )
    .filter((delayMs) => !Number.isNaN(delayMs));
}
