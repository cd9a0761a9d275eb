/** Statistics for comparisons. */

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
