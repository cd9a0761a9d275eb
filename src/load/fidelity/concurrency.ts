/**
 * The mean number of requests in flight, over time, while `asked` of them could be: from when so many were sent, or a
 * reply came before that, to the last send, or the first reply where that is later. How long the first sends take is
 * left out, since it is short against any run but the shortest, and so is the tail, when streams run out of work, which
 * no client could fill. 0 for no requests.
 */
export function meanInFlight(
  startMs: Float64Array,
  endMs: Float64Array,
  { asked, firstReplyMs }: { readonly asked: number; readonly firstReplyMs: number },
): number {
  if (startMs.length === 0) return 0;
  const starts = startMs.toSorted();
  const filledMs = starts[Math.min(asked, starts.length) - 1] ?? 0;
  const lastSendMs = starts.at(-1) ?? 0;
  const from = Math.min(filledMs, firstReplyMs);
  const until = Number.isFinite(firstReplyMs) ? Math.max(lastSendMs, firstReplyMs) : lastSendMs;
  // Over so short a time there is no mean to speak of.
  if (until - from < 1) return peakInFlight(startMs, endMs);
  let busyMs = 0;
  for (let index = 0; index < startMs.length; index++) {
    const begun = Math.max(startMs[index] ?? 0, from);
    busyMs += Math.max(0, Math.min(endMs[index] ?? 0, until) - begun);
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
