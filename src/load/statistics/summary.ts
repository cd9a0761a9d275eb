import { valueAt } from '../unknown.ts';

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
  samples.sort();
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
  let sum = 0;
  for (const sample of samples) sum += sample;
  const mean = sum / samples.length;
  let squares = 0;
  for (const sample of samples) squares += (sample - mean) ** 2;
  return { mean, std: Math.sqrt(squares / samples.length) };
}
