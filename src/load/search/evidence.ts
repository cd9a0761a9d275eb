import { valueAt } from '../unknown.ts';
import { atLeast, atMost } from './binomial.ts';

/** How the requests of one test met one SLO. */
export interface Attained {
  readonly requests: number;
  /** Requests that met the limit; one that failed did not. */
  readonly met: number;
  /** How many requests are worth one independent request: 1 if they are independent, more if misses come in groups. */
  readonly designEffect: number;
}

/** A test at one load: what it shows about each SLO, in their order. */
export interface Probe {
  readonly level: number;
  readonly attained: readonly Attained[];
}

/** What is known about a load: shown at the confidence of the search, or only likelier than the opposite. */
export type LevelVerdict = 'holds' | 'likely-holds' | 'likely-misses' | 'misses';

/** Adds up the tests of one load; undefined for none. */
export function pooled(probes: readonly Probe[]): readonly Attained[] | undefined {
  const [first] = probes;
  return first?.attained.map((_, index) => {
    const all = probes.map(({ attained }) => valueAt(attained, index));
    const requests = total(all, (one) => one.requests);
    const independent = total(all, (one) => one.requests / one.designEffect);
    return { requests, met: total(all, (one) => one.met), designEffect: requests / independent };
  });
}

/**
 * Judges a load. `shares` are the shares of requests that have to meet each SLO; `error` is the accepted probability of
 * a wrong verdict in one direction.
 */
export function judgeLevel(
  attained: readonly Attained[],
  shares: readonly number[],
  error: number,
): LevelVerdict {
  const judged = attained.map(({ requests, met, designEffect }, index) => {
    const share = valueAt(shares, index);
    const [trials, hits] = [requests / designEffect, met / designEffect];
    return {
      holds: atLeast(hits, trials, share) <= error,
      // Any of the SLOs can be missed, so the error is divided among them.
      misses: atMost(hits, trials, share) <= error / shares.length,
      isWithin: met >= share * requests,
    };
  });
  if (judged.some(({ misses }) => misses)) return 'misses';
  if (judged.every(({ holds }) => holds)) return 'holds';
  return judged.every(({ isWithin }) => isWithin) ? 'likely-holds' : 'likely-misses';
}

/** Blocks that a test is divided into to see whether misses come in groups. */
const blocks = 20;

/**
 * How much more the share of hits varies between blocks of successive requests than if requests were independent: at
 * least 1. Requests that share a queue miss their limit together. `hits` are in order of time.
 */
export function designEffectOf(hits: ArrayLike<number>): number {
  const length = Math.floor(hits.length / blocks);
  if (length < 2) return 1;
  const used = length * blocks;
  const sums = new Float64Array(blocks);
  for (let index = 0; index < used; index++) {
    const block = Math.floor(index / length);
    sums[block] = valueAt(sums, block) + valueAt(hits, index);
  }
  const mean = sums.reduce((sum, one) => sum + one, 0) / used;
  if (mean === 0 || mean === 1) return 1;
  const variance = sums.reduce((sum, one) => sum + (one / length - mean) ** 2, 0) / (blocks - 1);
  return Math.max(1, (length * variance) / (mean * (1 - mean)));
}

function total<T>(list: readonly T[], of: (one: T) => number): number {
  return list.reduce((sum, one) => sum + of(one), 0);
}
