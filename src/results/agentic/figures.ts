import { rounded } from '../../rounded.ts';

/** The statistics of a row's figure; empty without samples. */
export type FigureStatistics = Readonly<Record<string, number>>;

export const percentiles = { p50: 50, p75: 75, p90: 90, p95: 95 } as const;

/** Mean, percentiles and population standard deviation. */
export function figuresOf(samples: readonly number[]): FigureStatistics {
  if (samples.length === 0) return {};
  const sorted = samples.toSorted((a, b) => a - b);
  return {
    mean: meanOf(samples),
    ...Object.fromEntries(
      Object.entries(percentiles).map(([name, percent]) => [name, percentileOf(sorted, percent)]),
    ),
    std: deviationOf(samples),
  };
}

/** Linear between neighbours. */
export function percentileOf(sorted: readonly number[], percent: number): number {
  const at = (sorted.length - 1) * (percent / 100);
  const below = Math.floor(at);
  const [low = Number.NaN, high = low] = sorted.slice(below, below + 2);
  return low + (at - below) * (high - low);
}

export function meanOf(samples: readonly number[]): number {
  return sumOf(samples) / samples.length;
}

export function deviationOf(samples: readonly number[]): number {
  const mean = meanOf(samples);
  return Math.sqrt(sumOf(samples.map((sample) => (sample - mean) ** 2)) / samples.length);
}

/** A sum that keeps what each addition rounds off (Neumaier 1974). */
export function sumOf(samples: readonly number[]): number {
  let sum = 0;
  let lost = 0;
  for (const sample of samples) {
    const next = sum + sample;
    lost += Math.abs(sum) >= Math.abs(sample) ? sum - next + sample : sample - next + sum;
    sum = next;
  }
  return sum + lost;
}

/** The share of a part in a whole; null if either is unknown or the whole is nothing. */
export function ratio(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole <= 0 ? null : part / whole;
}

const decimals = 5;

/** A row's value as it is published: numbers with five decimals, a number that is not finite as null. */
export function roundedFigures(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? rounded(value, decimals) : null;
  if (Array.isArray(value)) return value.map(roundedFigures);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, roundedFigures(inner)]));
}
