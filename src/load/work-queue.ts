import type { Dataset } from './datasets/index.ts';

/** One of the threads that share a test, from 0. */
export interface LaneShare {
  readonly number: number;
  readonly of: number;
}

/** The requests of a test that start on their own, in their order, handed out once each. */
export interface WorkQueue {
  /** The next request to start; undefined when there are none left. */
  take(): number | undefined;
  /** The one that `take` would give. */
  peek(): number | undefined;
  /** Whether taking more than is needed now cannot leave another thread without work. */
  mayTakeAhead(): boolean;
}

/** Requests that start on their own: later turns of a conversation are started by the turn before. */
export function startsOf(dataset: Dataset): Int32Array {
  return Int32Array.from({ length: dataset.length }, (_, index) => index).filter(
    (index) => dataset.pauseBeforeMs?.(index) === undefined,
  );
}

/**
 * For closed loops: whichever thread has a free stream takes the next request. `cursor` is memory they share; the last
 * `kept` requests are only taken when they are needed.
 */
export function sharedQueue(starts: Int32Array, cursor: Int32Array, kept: number): WorkQueue {
  return {
    mayTakeAhead: () => Atomics.load(cursor, 0) + kept < starts.length,
    take: () => starts[Atomics.add(cursor, 0, 1)],
    peek: () => starts[Atomics.load(cursor, 0)],
  };
}

/** For open loops: a thread waits for the times of requests of its own, every `of`-th. */
export function ownQueue(starts: Int32Array, { number, of }: LaneShare): WorkQueue {
  let next = number;
  return {
    mayTakeAhead: () => true,
    take: () => {
      const index = starts[next];
      next += of;
      return index;
    },
    peek: () => starts[next],
  };
}
