import { incompleteBeta } from '../incomplete-beta.ts';

/**
 * Tail probabilities of the binomial distribution, by the regularized incomplete beta function. Counts may be fractions:
 * dependent samples are worth fewer independent ones.
 */

/** The probability of at least `hits` in `trials` that each hit with probability `share`. */
export function atLeast(hits: number, trials: number, share: number): number {
  return hits <= 0 ? 1 : incompleteBeta(hits, trials - hits + 1, share);
}

/** The probability of at most `hits` in `trials` that each hit with probability `share`. */
export function atMost(hits: number, trials: number, share: number): number {
  return hits >= trials ? 1 : incompleteBeta(trials - hits, hits + 1, 1 - share);
}
