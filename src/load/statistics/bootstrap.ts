import { Random } from '../random.ts';
import { valueAt } from '../unknown.ts';
import { quantileOfSorted } from './summary.ts';

const mostDrawnSamples = 2_000_000;

/** An interval that holds a quantile with the confidence asked for. */
export type Interval = readonly [low: number, high: number];

/**
 * Confidence intervals of quantiles by the moving-block bootstrap (Künsch 1989): neighbouring requests share a queue
 * and are not independent, so runs of n^⅓ of them are drawn, not single ones. `samples` in order of time; one interval
 * for each of the fractions. Undefined for fewer than 10 samples, of which no interval could be trusted.
 */
export function blockBootstrapIntervals(
  samples: Float64Array,
  fractions: readonly number[],
  settings: { readonly confidence: number; readonly seed: number },
): readonly Interval[] | undefined {
  const count = samples.length;
  if (count < 10) return undefined;
  const random = new Random(settings.seed);
  const blockLength = Math.max(1, Math.round(Math.cbrt(count)));
  const resamples = Math.round(Math.min(1000, Math.max(100, mostDrawnSamples / count)));
  const { sorted, ranks } = ranked(samples);
  const drawn = new Uint32Array(count);
  const quantiles = fractions.map(() => new Float64Array(resamples));
  for (let round = 0; round < resamples; round++) {
    // How often each sample was drawn, by its rank: a resample is in order without being sorted.
    drawn.fill(0);
    for (let at = 0; at < count; at += blockLength) {
      const from = random.integer(0, count - blockLength);
      const to = from + Math.min(blockLength, count - at);
      for (let index = from; index < to; index++) {
        const rank = valueAt(ranks, index);
        drawn[rank] = valueAt(drawn, rank) + 1;
      }
    }
    for (const [position, fraction] of fractions.entries()) {
      const figures = quantiles[position];
      if (figures !== undefined) figures[round] = quantileOfCounts(sorted, drawn, fraction);
    }
  }
  const tail = (1 - settings.confidence) / 2;
  return quantiles.map((figures) => {
    figures.sort();
    const at = (fraction: number): number => valueAt(figures, Math.round(fraction * (resamples - 1)));
    return [at(tail), at(1 - tail)];
  });
}

function ranked(samples: Float64Array): { sorted: Float64Array; ranks: Uint32Array } {
  const order = Uint32Array.from(samples.keys()).sort((a, b) => valueAt(samples, a) - valueAt(samples, b));
  const ranks = new Uint32Array(samples.length);
  for (const [rank, index] of order.entries()) ranks[index] = rank;
  return { sorted: samples.toSorted(), ranks };
}

/** The quantile of a sample in which `sorted[i]` occurs `counts[i]` times; interpolates as `quantileOfSorted` does. */
function quantileOfCounts(sorted: Float64Array, counts: Uint32Array, fraction: number): number {
  const rank = fraction * (sorted.length - 1);
  const below = Math.floor(rank);
  let index = 0;
  let seen = valueAt(counts, 0);
  while (seen <= below) seen += valueAt(counts, ++index);
  const low = valueAt(sorted, index);
  if (rank === below) return low;
  while (seen <= below + 1) seen += valueAt(counts, ++index);
  return quantileOfSorted([low, valueAt(sorted, index)], rank - below);
}
