import { type RequestLog, RequestState } from './request-log.ts';
import { valueAt } from './unknown.ts';

/** The start time from which latencies are counted. */
export type Origin =
  /** The scheduled send in an open loop, the actual send in a closed loop. Used for the public figures. */
  | 'due'
  /** The actual send. Excludes delays of a late client and waiting for a free stream. */
  | 'sent';

/** Latencies of completed requests in log order, in milliseconds; NaN if a reply lacks the figure. */
export interface Latencies {
  /** The start time that each request is counted from. */
  readonly startMs: Float64Array;
  /** Request start → first token. */
  readonly ttftMs: Float64Array;
  /**
   * `decodeMs / decodeSteps`; for one choice (E2EL − TTFT) / (output tokens − 1). Undefined (NaN) for a reply of one
   * token.
   */
  readonly tpotMs: Float64Array;
  /** Request start → last token. */
  readonly e2elMs: Float64Array;
  /** Request start → first visible text. */
  readonly firstTextMs: Float64Array;
  /** Request start → first token of the answer after reasoning; NaN for a reply without reasoning. */
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

/** The start time that a request is counted from, on the log's clock. */
export function startMsOf(log: RequestLog, index: number, origin: Origin): number {
  const scheduledMs = valueAt(log.scheduledMs, index);
  return origin === 'due' && !Number.isNaN(scheduledMs) ? scheduledMs : valueAt(log.startMs, index);
}

/** Time per output token of a completed request, in milliseconds; NaN if undefined. */
export function tpotMsOf(log: RequestLog, index: number): number {
  const steps = valueAt(log.decodeSteps, index);
  return steps > 0 ? valueAt(log.decodeMs, index) / steps : Number.NaN;
}

/** How late each scheduled request was sent, in milliseconds. */
export function sendDelaysMs(log: RequestLog): Float64Array {
  return log.startMs
    .map((startMs, index) =>
      log.state[index] === RequestState.unsent ? Number.NaN : startMs - valueAt(log.scheduledMs, index),
    )
    .filter((delayMs) => !Number.isNaN(delayMs));
}

/** End of the last completed request, on the log's clock; NaN if none completed. */
export function lastReplyMs(log: RequestLog): number {
  return lastOf(log, (index) => log.isReply(index));
}

/** End of the last request in the given state, on the log's clock; NaN if there is none. */
export function lastEndMs(log: RequestLog, state: RequestState): number {
  return lastOf(log, (index) => log.state[index] === state);
}

function lastOf(log: RequestLog, isOne: (index: number) => boolean): number {
  let lastMs = Number.NaN;
  for (let index = 0; index < log.length; index++) {
    if (!isOne(index)) continue;
    const endMs = valueAt(log.endMs, index);
    if (endMs > lastMs || Number.isNaN(lastMs)) lastMs = endMs;
  }
  return lastMs;
}
