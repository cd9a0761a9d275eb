import { valueAt } from '../unknown.ts';

/**
 * The mean number of requests in flight during the period in which `asked` requests could be in flight. The period
 * starts when that many were sent, or at the first reply if that is earlier. It ends with the last send, or at the
 * first reply if that is later, but never after the last reply, because requests in flight after it are dead. It
 * therefore leaves out the first sends, which take little time except in the shortest runs, and the tail, in which no
 * client could fill the streams. 0 without requests.
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
  // The period is too short for a mean.
  if (!(until - from >= 1)) return peakInFlight(startMs, endMs);
  let busyMs = 0;
  for (let index = 0; index < startMs.length; index++) {
    const begun = Math.max(valueAt(startMs, index), from);
    busyMs += Math.max(0, Math.min(valueAt(endMs, index), until) - begun);
  }
  return busyMs / (until - from);
}

/** The largest number of requests in flight at the same time. */
export function peakInFlight(startMs: Float64Array, endMs: Float64Array): number {
  const starts = startMs.toSorted();
  const ends = endMs.toSorted();
  let peak = 0;
  let ended = 0;
  for (let started = 0; started < starts.length; started++) {
    // A request that ends when another starts made room for it.
    while (ended < ends.length && valueAt(ends, ended) <= valueAt(starts, started)) ended++;
    peak = Math.max(peak, started + 1 - ended);
  }
  return peak;
}
