import { Random } from '../random.ts';
import { valueAt } from '../unknown.ts';
import { quantileOfSorted } from './summary.ts';

const mostDrawnSamples = 2_000_000;

/** An interval that contains a quantile with the given confidence. */
export type Interval = readonly [low: number, high: number];

/**
 * Confidence intervals of quantiles by the moving-block bootstrap (Künsch 1989). Neighbouring requests share a queue
 * and are not independent, so blocks of n^⅓ samples are drawn instead of single ones. The blocks are drawn once for all
 * metrics with the same number of samples.
 */
export class BlockBootstrap {
  readonly #confidence: number;
  readonly #seed: number;
  readonly #drawn = new Map<number, DrawnBlocks>();

  constructor(settings: { readonly confidence: number; readonly seed: number }) {
    this.#confidence = settings.confidence;
    this.#seed = settings.seed;
  }

  /**
   * One interval for each fraction; `samples` are in order of time. Undefined for fewer than 10 samples, for which no
   * interval would be reliable.
   */
  intervals(samples: Float64Array, fractions: readonly number[]): readonly Interval[] | undefined {
    const count = samples.length;
    if (count < 10) return undefined;
    const blocks = this.#drawn.get(count) ?? drawBlocks(count, this.#seed);
    this.#drawn.set(count, blocks);
    const sorted = samples.toSorted();
    const quantiles = resampledQuantiles(ranksOf(samples, sorted), sorted, blocks, fractions);
    const tail = (1 - this.#confidence) / 2;
    return quantiles.map((figures) => {
      figures.sort();
      const at = (fraction: number): number => valueAt(figures, Math.round(fraction * (figures.length - 1)));
      return [at(tail), at(1 - tail)];
    });
  }
}

/** Where the blocks of all resamples start, one resample after the other. */
interface DrawnBlocks {
  readonly length: number;
  readonly starts: Uint32Array;
  readonly resamples: number;
}

function drawBlocks(count: number, seed: number): DrawnBlocks {
  const random = new Random(seed);
  const length = Math.max(1, Math.round(Math.cbrt(count)));
  const resamples = Math.round(Math.min(1000, Math.max(100, mostDrawnSamples / count)));
  const starts = new Uint32Array(resamples * Math.ceil(count / length));
  for (let index = 0; index < starts.length; index++) starts[index] = random.integer(0, count - length);
  return { length, starts, resamples };
}

/** The quantiles of each resample; one list for each fraction. */
function resampledQuantiles(
  ranks: Uint32Array,
  sorted: Float64Array,
  { length, starts, resamples }: DrawnBlocks,
  fractions: readonly number[],
): Float64Array[] {
  const drawn = new DrawnRanks(ranks.length);
  const quantiles = fractions.map(() => new Float64Array(resamples));
  let block = 0;
  for (let round = 0; round < resamples; round++) {
    drawn.clear();
    for (let at = 0; at < ranks.length; at += length) {
      const from = starts[block++] ?? 0;
      drawn.add(ranks, from, from + Math.min(length, ranks.length - at));
    }
    for (let position = 0; position < fractions.length; position++) {
      valueAt(quantiles, position)[round] = drawn.quantile(sorted, valueAt(fractions, position));
    }
  }
  return quantiles;
}

/** The rank of each sample; equal ones in order of time. */
function ranksOf(samples: Float64Array, sorted: Float64Array): Uint32Array {
  const ranks = new Uint32Array(samples.length);
  /** How many samples already have a rank, indexed by the lowest rank of their value. */
  const ranked = new Uint32Array(samples.length);
  for (const [index, sample] of samples.entries()) {
    const least = leastRank(sorted, sample);
    const before = ranked[least] ?? 0;
    ranks[index] = least + before;
    ranked[least] = before + 1;
  }
  return ranks;
}

/** The number of sorted values below a sample. */
function leastRank(sorted: Float64Array, sample: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? sample) < sample) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Each group has 2^6 adjacent ranks. */
const groupBits = 6;

/**
 * How often each sample was drawn, by rank, so that a resample needs no sorting. Also counts the draws of each group of
 * ranks, so that a quantile is found in a few steps.
 */
class DrawnRanks {
  readonly #count: number;
  readonly #draws: Uint32Array;
  readonly #ofGroup: Uint32Array;

  constructor(count: number) {
    this.#count = count;
    this.#draws = new Uint32Array(count);
    this.#ofGroup = new Uint32Array((count >>> groupBits) + 1);
  }

  clear(): void {
    this.#draws.fill(0);
    this.#ofGroup.fill(0);
  }

  /** Draws the samples `[from, to)`. */
  add(ranks: Uint32Array, from: number, to: number): void {
    // Local variables and `??`, because this and `#rankOf` run millions of times and a call per element would be slow.
    const draws = this.#draws;
    const ofGroup = this.#ofGroup;
    for (let index = from; index < to; index++) {
      const rank = ranks[index] ?? 0;
      draws[rank] = (draws[rank] ?? 0) + 1;
      ofGroup[rank >>> groupBits] = (ofGroup[rank >>> groupBits] ?? 0) + 1;
    }
  }

  /** A quantile of the resample, which has as many draws as there are samples; interpolates like `quantileOfSorted`. */
  quantile(sorted: Float64Array, fraction: number): number {
    const position = fraction * (this.#count - 1);
    const below = Math.floor(position);
    const low = valueAt(sorted, this.#rankOf(below));
    if (position === below) return low;
    return quantileOfSorted([low, valueAt(sorted, this.#rankOf(below + 1))], position - below);
  }

  /** The rank of the draw at a position in sorted order. */
  #rankOf(position: number): number {
    const draws = this.#draws;
    const ofGroup = this.#ofGroup;
    let seen = 0;
    let group = 0;
    for (let next = ofGroup[0] ?? 0; seen + next <= position; next = ofGroup[group] ?? 0) {
      seen += next;
      group++;
    }
    let rank = group << groupBits;
    for (let next = draws[rank] ?? 0; seen + next <= position; next = draws[rank] ?? 0) {
      seen += next;
      rank++;
    }
    return rank;
  }
}
