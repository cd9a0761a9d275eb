/**
 * Tail probabilities of the binomial distribution, by the regularized incomplete beta function. Counts may be fractions:
 * dependent samples are worth fewer independent ones.
 */

/** The probability of at least `hits` in `trials` that each hit with probability `share`. */
export function atLeast(hits: number, trials: number, share: number): number {
  return hits <= 0 ? 1 : incompleteBeta(share, hits, trials - hits + 1);
}

/** The probability of at most `hits` in `trials` that each hit with probability `share`. */
export function atMost(hits: number, trials: number, share: number): number {
  return hits >= trials ? 1 : incompleteBeta(1 - share, trials - hits, hits + 1);
}

function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  // The continued fraction converges quickly only on this side of the mean.
  return x < (a + 1) / (a + b + 2)
    ? (front * betaFraction(x, a, b)) / a
    : 1 - (front * betaFraction(1 - x, b, a)) / b;
}

const mostTerms = 10_000;
const tiny = 1e-300;

/** The continued fraction of the incomplete beta function of Abramowitz and Stegun (26.5.8), by Lentz's method. */
function betaFraction(x: number, a: number, b: number): number {
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= mostTerms; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    const step = d * c;
    value *= step;
    if (Math.abs(step - 1) < 1e-12) return value;
  }
  return value;
}

/** ln Γ(x) for x > 0: Stirling's series, after shifting x to where it is accurate. */
function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  while (z < 10) {
    shift += Math.log(z);
    z += 1;
  }
  const inverse = 1 / (z * z);
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / z;
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series - shift;
}
