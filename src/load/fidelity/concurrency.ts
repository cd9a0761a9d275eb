import { valueAt } from '../unknown.ts';

/**
 * The mean number of requests in flight, over time, while `asked` of them could be: from when so many were sent, or a
 * reply came before that, to the last send, or the first reply if that is later; never beyond the last reply, since
 * what is in flight after it is dead. How long the first sends take is left out, since it is short against any run but
 * the shortest, and so is the tail, when streams run out of work, which no client could fill. 0 for no requests.
 */
export function meanInFlight(
  startMs: Float64Array,
  endMs: Float64Array,
  settings: {
    readonly asked: number;
    /** Infinity if there was no reply. */
    readonly firstReplyMs: number;
    readonly lastReplyMs: number;
  },
): number {
  if (startMs.length === 0) return 0;
  const { asked, firstReplyMs, lastReplyMs } = settings;
  const starts = startMs.toSorted();
  const filledMs = valueAt(starts, Math.min(asked, starts.length) - 1);
  const lastSendMs = valueAt(starts, starts.length - 1);
  const from = Math.min(filledMs, firstReplyMs);
  const until = Number.isFinite(firstReplyMs)
    ? Math.min(Math.max(lastSendMs, firstReplyMs), lastReplyMs)
    : lastSendMs;
  // Over so short a time there is no mean to speak of.
  if (!(until - from >= 1)) return peakInFlight(startMs, endMs);
  let busyMs = 0;
  for (let index = 0; index < startMs.length; index++) {
    const begun = Math.max(valueAt(startMs, index), from);
    busyMs += Math.max(0, Math.min(valueAt(endMs, index), until) - begun);
  }
  return busyMs / (until - from);
}

/** The most requests that were in flight at once. */
export function peakInFlight(startMs: Float64Array, endMs: Float64Array): number {
  const starts = startMs.toSorted();
  const ends = endMs.toSorted();
  let peak = 0;
  let ended = 0;
  for (let started = 0; started < starts.length; started++) {
    // One that ends in the same instant as another starts made room for it.
    while (ended < ends.length && valueAt(ends, ended) <= valueAt(starts, started)) ended++;
    peak = Math.max(peak, started + 1 - ended);
  }
  return peak;
}
