import { type ArrivalSpec, arrivalTimesMs } from '../arrivals/index.ts';

/** A closed loop's streams may send this many requests per second each before a test by time runs out of them. */
const perStreamAndSecond = 20;
const mostRequests = 200_000;
const firstGuess = 64;

/**
 * How many requests to prepare for a test of a duration: in an open loop, those that are due in it; in a closed loop,
 * more than most servers can answer. A test that uses them all up ends early and says so.
 */
export function requestsNeeded(
  durationS: number,
  load: { readonly arrivals: ArrivalSpec | undefined; readonly streams: number; readonly seed: number },
): number {
  const { arrivals, streams, seed } = load;
  if (arrivals === undefined)
    return Math.min(mostRequests, Math.max(streams, Math.ceil(perStreamAndSecond * streams * durationS)));
  for (let count = firstGuess; ; count *= 2) {
    const timesMs = arrivalTimesMs(arrivals, Math.min(count, mostRequests), seed);
    const due = timesMs.findIndex((atMs) => atMs > 1000 * durationS);
    if (due !== -1) return Math.max(1, due);
    if (timesMs.length < count || count >= mostRequests) return timesMs.length;
  }
}
