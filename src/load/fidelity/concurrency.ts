/**
 * The mean number of requests in flight while there were more to send, over time; the tail, when streams run out of
 * work, is left out because no client could fill it. 0 for no requests.
 */
export function meanInFlight(startMs: ArrayLike<number>, endMs: ArrayLike<number>): number {
  let from = Number.POSITIVE_INFINITY;
  let until = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < startMs.length; index++) {
    from = Math.min(from, startMs[index] ?? from);
    until = Math.max(until, startMs[index] ?? until);
  }
  if (startMs.length === 0) return 0;
  // All sent in one go: there is no time between, and all of them were in flight.
  if (until - from < 1) return startMs.length;
  let busyMs = 0;
  for (let index = 0; index < startMs.length; index++) {
    busyMs += Math.max(0, Math.min(endMs[index] ?? 0, until) - Math.min(startMs[index] ?? 0, until));
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
    while (ended < ends.length && (ends[ended] ?? 0) <= (starts[started] ?? 0)) ended++;
    peak = Math.max(peak, started + 1 - ended);
  }
  return peak;
}
