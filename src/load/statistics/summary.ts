import { valueAt } from '../unknown.ts';
import { sortSamples } from './sort-samples.ts';

/** The figures of one metric over a set of samples; each is NaN without samples. */
export interface Summary {
  readonly count: number;
  readonly mean: number;
  readonly median: number;
  /** Population standard deviation, numpy's default. */
  readonly std: number;
  /** Keyed by percentile in percent, in the order requested. */
  readonly percentiles: ReadonlyMap<number, number>;
}

/** Exact figures of the samples, which must not contain NaN. Sorts `samples` in place. */
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

/** Linear interpolation between the closest ranks (numpy's default, Hyndman and Fan's type 7); NaN without samples. */
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
  // Indexed access: iterating over two million gaps takes longer than sorting them.
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
