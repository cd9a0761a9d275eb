/** Statistics for comparisons. */

const tinyFraction = 1e-300;
const precision = 1e-14;
const mostSteps = 500;

/** The natural logarithm of the gamma function (Lanczos's approximation, g = 7). */
function logGamma(x: number): number {
  const coefficients = [
    0.999_999_999_999_809_93, 676.520_368_121_885_1, -1259.139_216_722_402_8, 771.323_428_777_653_13,
    -176.615_029_162_140_6, 12.507_343_278_686_905, -0.138_571_095_265_720_12, 9.984_369_578_019_572e-6,
    1.505_632_735_149_311_6e-7,
  ];
  const shifted = x - 1;
  const t = shifted + 7.5;
  const sum = coefficients.reduce(
    (total, value, index) => (index === 0 ? value : total + value / (shifted + index)),
    0,
  );
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(sum);
}

/** The regularised incomplete beta function, by its continued fraction (Lentz's method). */
function incompleteBeta(a: number, b: number, x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast on this side only.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(b, a, 1 - x);
  const front =
    Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a;
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let step = 1; step <= mostSteps; step++) {
    const even = (step * (b - step) * x) / ((a + 2 * step - 1) * (a + 2 * step));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + step) * (a + b + step) * x) / ((a + 2 * step) * (a + 2 * step + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < precision) break;
  }
  return front * fraction;
}

function away(value: number): number {
  return Math.abs(value) < tinyFraction ? tinyFraction : value;
}

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
