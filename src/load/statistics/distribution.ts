import type { Distribution } from '../result-schema.ts';
import { valueAt } from '../unknown.ts';
import type { Histogram } from './histogram.ts';
import { quantileOfSorted } from './summary.ts';

const mostBuckets = 64;
/** The smallest width of a bucket relative to its value; narrower ones would show the clock's resolution. */
const leastGrowth = 0.001;
/** Shorter times are drawn as zero, in milliseconds. */
const leastEdgeMs = 0.001;
const tail = 0.001;

/** The distribution of a latency, for drawing; see `Distribution`. */
export function distributionOf(sorted: Float64Array | Float32Array): Distribution {
  return distribution({
    count: sorted.length,
    quantile: (fraction) => quantileOfSorted(sorted, fraction),
    upTo: (edge) => firstAbove(sorted, edge),
  });
}

/** The same from a histogram, within the error of its buckets. */
export function distributionOfHistogram(histogram: Histogram): Distribution {
  return distribution({
    count: histogram.count,
    quantile: (fraction) => histogram.quantile(fraction),
    upTo: (edge) => histogram.countUpTo(edge),
  });
}

interface Samples {
  readonly count: number;
  quantile(fraction: number): number;
  /** The number of samples that are not greater than a value. */
  upTo(value: number): number;
}

function distribution({ count, quantile, upTo }: Samples): Distribution {
  if (count === 0) return { edges_ms: [], counts: [] };
  const least = quantile(0);
  const greatest = quantile(1);
  const low = Math.max(leastEdgeMs, quantile(tail));
  const high = Math.max(low, quantile(1 - tail));
  const span = Math.log(high / low);
  const buckets = Math.max(1, Math.min(mostBuckets, Math.floor(span / leastGrowth)));
  const inner = Array.from({ length: buckets + 1 }, (_, index) => low * Math.exp((span * index) / buckets));
  // The ends of the body become inner edges of the first and last bucket if samples lie outside.
  const edges = [...new Set([Math.min(least, low), ...inner, Math.max(greatest, high)].map(short))];
  // For a single value, use the narrowest bucket.
  if (edges.length === 1) edges.unshift(short(valueAt(edges, 0) * (1 - leastGrowth)));
  const counts: number[] = [];
  let below = 0;
  for (const edge of edges.slice(1, -1)) {
    const upToEdge = Math.max(below, upTo(edge));
    counts.push(upToEdge - below);
    below = upToEdge;
  }
  counts.push(count - below);
  return { edges_ms: edges, counts };
}

/** The index of the first element of a sorted array that is greater than a value. */
function firstAbove(sorted: Float64Array | Float32Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (valueAt(sorted, middle) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function short(value: number): number {
  return Number(value.toPrecision(5));
}
