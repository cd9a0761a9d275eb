import { summarize } from '../statistics/summary.ts';
import { orNull, valueAt } from '../unknown.ts';

/** When the requests of a trace arrive. */
export interface TraceTimes {
  /** Seconds from the first request to the last. */
  readonly durationS: number;
  /** Mean requests per second; null if all arrive at once. */
  readonly requestsPerS: number | null;
  /** The most requests within one second. */
  readonly peakPerS: number;
  /** Standard deviation of the gaps over their mean: 1 is Poisson, 0 even, above 1 bursty. */
  readonly gapVariation: number | null;
  /** The shape of gamma-distributed gaps with this coefficient of variation, as for --burstiness. */
  readonly burstiness: number | null;
  /** Variance of the requests in an interval over their mean: 1 is Poisson at any length of interval. */
  readonly dispersion: number | null;
  /** Requests in each interval of the trace. */
  readonly perInterval: { readonly intervalS: number; readonly counts: readonly number[] };
}

const mostIntervals = 120;

/** Describes arrivals in ascending order. */
export function describeArrivals(timestampsMs: readonly number[]): TraceTimes {
  const first = timestampsMs[0] ?? 0;
  const durationMs = (timestampsMs.at(-1) ?? first) - first;
  const gapsMs = Float64Array.from(
    timestampsMs.slice(1),
    (atMs, index) => atMs - valueAt(timestampsMs, index),
  );
  const { mean, std } = summarize(gapsMs, []);
  const variation = mean > 0 ? std / mean : Number.NaN;
  const perInterval = countsOf(timestampsMs, first, durationMs);
  return {
    durationS: durationMs / 1000,
    requestsPerS: durationMs > 0 ? (1000 * gapsMs.length) / durationMs : null,
    peakPerS: peakWithin(timestampsMs, 1000),
    gapVariation: orNull(variation),
    burstiness: variation > 0 ? 1 / variation ** 2 : null,
    dispersion: dispersionOf(perInterval.counts),
    perInterval,
  };
}

function countsOf(timestampsMs: readonly number[], first: number, durationMs: number) {
  const intervalS = Math.max(1, Math.ceil(durationMs / 1000 / mostIntervals));
  const counts = new Array<number>(Math.floor(durationMs / 1000 / intervalS) + 1).fill(0);
  for (const atMs of timestampsMs) {
    const interval = Math.floor((atMs - first) / 1000 / intervalS);
    counts[interval] = (counts[interval] ?? 0) + 1;
  }
  return { intervalS, counts };
}

/** The last interval is cut off by the end of the trace and does not count. */
function dispersionOf(counts: readonly number[]): number | null {
  const { mean, std } = summarize(Float64Array.from(counts.slice(0, -1)), []);
  return mean > 0 ? std ** 2 / mean : null;
}

function peakWithin(timestampsMs: readonly number[], windowMs: number): number {
  let from = 0;
  let peak = 0;
  for (let to = 0; to < timestampsMs.length; to++) {
    while (valueAt(timestampsMs, to) - valueAt(timestampsMs, from) >= windowMs) from++;
    peak = Math.max(peak, to - from + 1);
  }
  return peak;
}
