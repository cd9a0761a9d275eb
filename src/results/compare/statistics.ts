/** Statistics for comparisons. */

import { incompleteBeta } from '../../load/incomplete-beta.ts';

/** The probability that Student's t is at least this far from 0; with infinite degrees of freedom, that of a normal. */
export function twoSidedP(t: number, degreesOfFreedom: number): number {
  if (Number.isNaN(t)) return 1;
  const df = Math.min(degreesOfFreedom, 1e7);
  return incompleteBeta(df / 2, 0.5, df / (df + t * t));
}

/** How far from 0 Student's t is with a chance of `p`, both sides together. */
export function twoSidedT(p: number, degreesOfFreedom: number): number {
  let low = 0;
  let high = 1;
  while (twoSidedP(high, degreesOfFreedom) > p && high < 1e12) high *= 2;
  for (let step = 0; step < 200 && high - low > 1e-12 * high; step++) {
    const middle = (low + high) / 2;
    if (twoSidedP(middle, degreesOfFreedom) > p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * Which hypotheses are rejected when at most a share `q` of the rejected ones may be true, on average (Benjamini and
 * Hochberg 1995). When all are true, the chance of rejecting any is at most `q` as well. Returns the adjusted p of each:
 * it is rejected where that is at most `q`.
 */
export function adjustedPs(ps: readonly number[]): number[] {
  const order = ps.map((_, index) => index).toSorted((a, b) => (ps[b] ?? 1) - (ps[a] ?? 1));
  const adjusted = ps.map(() => 1);
  let least = 1;
  for (const [place, index] of order.entries()) {
    const rank = ps.length - place;
    least = Math.min(least, (ps[index] ?? 1) * (ps.length / rank));
    adjusted[index] = least;
  }
  return adjusted;
}

/** The pooled variance of several groups, each around its own mean. */
export interface PooledVariance {
  readonly variance: number;
  readonly degreesOfFreedom: number;
}

export function pooledVariance(groups: readonly (readonly number[])[]): PooledVariance {
  let squares = 0;
  let degreesOfFreedom = 0;
  for (const group of groups) {
    const mean = meanOf(group);
    for (const value of group) squares += (value - mean) ** 2;
    degreesOfFreedom += Math.max(0, group.length - 1);
  }
  return { variance: degreesOfFreedom === 0 ? Number.NaN : squares / degreesOfFreedom, degreesOfFreedom };
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
