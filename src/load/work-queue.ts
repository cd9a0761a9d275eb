import type { Dataset } from './datasets/index.ts';

/** One of the threads that share a test, numbered from 0. */
export interface LaneShare {
  readonly number: number;
  readonly of: number;
}

/** The requests of a test that start independently, in order; each is handed out once. */
export interface WorkQueue {
  /** The next request to start; undefined if none are left. */
  take(): number | undefined;
  /** The request that `take` would return. */
  peek(): number | undefined;
  /** Whether taking more than needed now cannot leave another thread idle. */
  mayTakeAhead(): boolean;
}

/** Requests that start independently. Later turns of a conversation are started by the previous turn. */
export function startsOf(dataset: Dataset): Int32Array {
  return Int32Array.from({ length: dataset.length }, (_, index) => index).filter(
    (index) => dataset.pauseBeforeMs?.(index) === undefined,
  );
}

/** The number of each request's conversation, from 0. A request that belongs to none counts as one. */
export function sessionsOf(dataset: Dataset): Int32Array {
  let session = -1;
  return Int32Array.from({ length: dataset.length }, (_, index) =>
    dataset.pauseBeforeMs?.(index) === undefined ? ++session : session,
  );
}

/**
 * For closed loops: whichever thread has a free stream takes the next request. `cursor` is in shared memory. The last
 * `kept` requests are taken only when they are needed.
 */
export function sharedQueue(starts: Int32Array, cursor: Int32Array, kept: number): WorkQueue {
  return {
    mayTakeAhead: () => Atomics.load(cursor, 0) + kept < starts.length,
    take: () => starts[Atomics.add(cursor, 0, 1)],
    peek: () => starts[Atomics.load(cursor, 0)],
  };
}

/** For open loops: each thread sends every `of`-th request when it is due. */
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
