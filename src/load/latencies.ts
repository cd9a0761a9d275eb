import { type RequestLog, RequestState } from './request-log.ts';
import { valueAt } from './unknown.ts';

/** From when a latency counts. */
export type Origin =
  /** The scheduled send in an open loop, the send in a closed one: the public figures. */
  | 'due'
  /** The send itself: what the server did, without the wait for a late client or a free stream. */
  | 'sent';

/** The latencies of completed requests in the order of the log, milliseconds; NaN for one that a reply does not have. */
export interface Latencies {
  /** When each request counts from. */
  readonly startMs: Float64Array;
  /** Request start → first token. */
  readonly ttftMs: Float64Array;
  /** `decodeMs / decodeSteps`, for one choice (E2EL − TTFT) / (output tokens − 1); a reply of one token has none. */
  readonly tpotMs: Float64Array;
  /** Request start → last token. */
  readonly e2elMs: Float64Array;
  /** Request start → first visible text. */
  readonly firstTextMs: Float64Array;
  /** Request start → first token of the answer after a reasoning; a reply without reasoning has none. */
  readonly firstAnswerMs: Float64Array;
}

export function latenciesOf(log: RequestLog, origin: Origin): Latencies {
  const startOf = (index: number): number => startMsOf(log, index, origin);
  const since = (column: Float64Array): Float64Array =>
    log.completed((index) => valueAt(column, index) - startOf(index));
  return {
    startMs: log.completed(startOf),
    ttftMs: since(log.firstTokenMs),
    tpotMs: log.completed((index) => tpotMsOf(log, index)),
    e2elMs: since(log.lastTokenMs),
    firstTextMs: since(log.firstTextMs),
    firstAnswerMs: since(log.firstAnswerMs),
  };
}

/** When a request counts from, on the log's clock. */
export function startMsOf(log: RequestLog, index: number, origin: Origin): number {
  const scheduledMs = valueAt(log.scheduledMs, index);
  return origin === 'due' && !Number.isNaN(scheduledMs) ? scheduledMs : valueAt(log.startMs, index);
}

/** The time per output token of a completed request, milliseconds; NaN for a reply that has none. */
export function tpotMsOf(log: RequestLog, index: number): number {
  const steps = valueAt(log.decodeSteps, index);
  return steps > 0 ? valueAt(log.decodeMs, index) / steps : Number.NaN;
}

/** How late each request that had a time was sent, milliseconds. */
export function sendDelaysMs(log: RequestLog): Float64Array {
  return log.startMs
    .map((startMs, index) =>
      log.state[index] === RequestState.unsent ? Number.NaN : startMs - valueAt(log.scheduledMs, index),
    )
    .filter((delayMs) => !Number.isNaN(delayMs));
}

/** The end of the last request that completed, on the log's clock; NaN if none did. */
export function lastReplyMs(log: RequestLog): number {
  return lastEndMs(log, RequestState.completed);
}

/** The end of the last request that ended in a state, on the log's clock; NaN if none did. */
export function lastEndMs(log: RequestLog, state: RequestState): number {
  let lastMs = Number.NaN;
  for (let index = 0; index < log.length; index++) {
    if (log.state[index] !== state) continue;
    const endMs = valueAt(log.endMs, index);
    if (endMs > lastMs || Number.isNaN(lastMs)) lastMs = endMs;
  }
  return lastMs;
}
