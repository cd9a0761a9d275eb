import { valueAt } from '../unknown.ts';
import { sortSamples } from './sort-samples.ts';

/** The figures of one metric over a set of samples; NaN each for no samples. */
export interface Summary {
  readonly count: number;
  readonly mean: number;
  readonly median: number;
  /** Population standard deviation, as numpy's default. */
  readonly std: number;
  /** By percentile in percent, in the order asked for. */
  readonly percentiles: ReadonlyMap<number, number>;
}

/** Exact figures of the samples, all of which are known. Sorts `samples` in place. */
export function summarize(samples: Float64Array | Float32Array, percentiles: readonly number[]): Summary {
  sortSamples(samples);
  const { mean, std } = moments(samples);
  return {
    count: samples.length,
    mean,
    median: quantileOfSorted(samples, 0.5),
    std,
    percentiles: new Map(percentiles.map((percent) => [percent, quantileOfSorted(samples, percent / 100)])),
  };
}

/** Linear interpolation between the closest ranks (numpy's default, Hyndman and Fan's type 7); NaN for no samples. */
export function quantileOfSorted(sorted: ArrayLike<number>, fraction: number): number {
  if (sorted.length === 0) return Number.NaN;
  const rank = fraction * (sorted.length - 1);
  const below = Math.floor(rank);
  const low = valueAt(sorted, below);
  const high = valueAt(sorted, Math.min(below + 1, sorted.length - 1));
  return low + (high - low) * (rank - below);
}

function moments(samples: Float64Array | Float32Array): { mean: number; std: number } {
  if (samples.length === 0) return { mean: Number.NaN, std: Number.NaN };
  // By index: two million gaps by an iterator take longer than to sort them.
  let sum = 0;
  for (let index = 0; index < samples.length; index++) sum += samples[index] ?? Number.NaN;
  const mean = sum / samples.length;
  let squares = 0;
  for (let index = 0; index < samples.length; index++) {
    const distance = (samples[index] ?? Number.NaN) - mean;
    squares += distance * distance;
  }
  return { mean, std: Math.sqrt(squares / samples.length) };
}
