import { type RequestLog, RequestState, type TestWindow } from '../request-log.ts';
import { valueAt } from '../unknown.ts';

/**
 * What the server did in a window, whenever the requests were sent. All figures per second of a test with a window count
 * this work, goodput among them; all others (latencies, counts, shares) are about the requests that were due in it.
 */
export interface WindowWork {
  readonly replies: number;
  /** Results of replies without generated tokens. */
  readonly results: number;
  /** Tokens of replies whose first token came in the window; NaN if one of these lengths is unknown. */
  readonly inputTokens: number;
  /** Each reply's tokens are spread evenly between its first and last; NaN if a count or time is unknown. */
  readonly outputTokens: number;
}

/**
 * The work of a server in a window. Requests sent in a window end after it, and more of them as the server falls
 * behind, so their number over its length would not be the rate at which the server works.
 */
export function workIn(log: RequestLog, { fromMs, toMs }: TestWindow): WindowWork {
  let [inputTokens, results] = [0, 0];
  for (let index = 0; index < log.length; index++) {
    if (!log.isReply(index)) continue;
    const endMs = valueAt(log.endMs, index);
    const firstMs = valueAt(log.firstTokenMs, index);
    const beganMs = Number.isNaN(firstMs) ? endMs : firstMs;
    if (beganMs >= fromMs && beganMs <= toMs) inputTokens += valueAt(log.inputTokens, index);
  }
  const ended = [...repliesEndedIn(log, { fromMs, toMs })];
  for (const index of ended) results += valueAt(log.results, index);
  return { replies: ended.length, results, inputTokens, outputTokens: tokensWithin(log, fromMs, toMs) };
}

/** The replies that ended in a window, whenever their requests were sent. */
export function* repliesEndedIn(log: RequestLog, { fromMs, toMs }: TestWindow): Generator<number> {
  for (let index = 0; index < log.length; index++) {
    const endMs = valueAt(log.endMs, index);
    if (log.isReply(index) && endMs >= fromMs && endMs <= toMs) yield index;
  }
}

/** NaN if the number or times of tokens are unknown for a reply in progress between the two times. */
export function tokensWithin(log: RequestLog, fromMs: number, toMs: number): number {
  let tokens = 0;
  for (let index = 0; index < log.length; index++) {
    if (!log.isReply(index)) continue;
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

/** Requests that had been sent and had not ended at a time. */
export function inFlightAt(log: RequestLog, atMs: number): number {
  let count = 0;
  for (let index = 0; index < log.length; index++) {
    if (log.state[index] === RequestState.unsent) continue;
    const isSent = valueAt(log.startMs, index) <= atMs;
    if (isSent && !(valueAt(log.endMs, index) <= atMs)) count++;
  }
  return count;
}
