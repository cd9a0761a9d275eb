import { setImmediate as turn } from 'node:timers/promises';
import type { Dataset } from './datasets/index.ts';
import type { RequestLog } from './request-log.ts';
import type { Stream, StreamCounters } from './stream.ts';

/** First sends between two turns of the event loop, so that early replies are read while later requests go out. */
const sendsPerTurn = 32;
const deadlineCheckMs = 250;
const longestRetryAfterS = 60;

/**
 * Sends all prompts over the streams, each stream its next as soon as it is free, and resolves when every request has
 * ended or the signal is aborted. A stream that was told `Retry-After` waits so long (60 s at most) first.
 */
export async function runClosedLoop(
  streams: readonly Stream[],
  dataset: Dataset,
  log: RequestLog,
  counters: StreamCounters,
  signal: AbortSignal,
): Promise<void> {
  let next = 0;
  let ended = 0;
  const waiting = new Set<NodeJS.Timeout>();
  const { promise, resolve } = Promise.withResolvers<void>();
  const sendNext = (stream: Stream): void => {
    if (next < dataset.length && !signal.aborted) {
      const index = next++;
      stream.start(index, dataset.prompt(index));
    }
  };
  const onFree = (stream: Stream): void => {
    ended++;
    if (ended === dataset.length) resolve();
    else if (stream.retryAfterS === 0) sendNext(stream);
    else {
      const timer = setTimeout(() => {
        waiting.delete(timer);
        sendNext(stream);
      }, 1000 * Math.min(longestRetryAfterS, stream.retryAfterS));
      waiting.add(timer);
    }
  };
  const stop = (): void => resolve();
  signal.addEventListener('abort', stop, { once: true });
  const deadlines = setInterval(() => {
    const nowMs = performance.now();
    for (const stream of streams) stream.checkDeadlines(nowMs);
  }, deadlineCheckMs);
  try {
    for (const stream of streams) stream.attach(log, counters, onFree);
    for (const [position, stream] of streams.entries()) {
      if (signal.aborted) break;
      sendNext(stream);
      if (position % sendsPerTurn === sendsPerTurn - 1) await turn();
    }
    if (!signal.aborted) await promise;
  } finally {
    clearInterval(deadlines);
    for (const timer of waiting) clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
