/** A mean of scores in [0, 1] and its uncertainty. */
export interface MeanScore {
  /** Undefined if nothing was judged. */
  readonly mean: number | undefined;
  /** Standard error of the mean: the sample standard deviation (n − 1) over √n. Undefined for fewer than two scores. */
  readonly standardError: number | undefined;
  /** Wilson's 95 % interval, which stays inside [0, 1] and is accurate near its ends. */
  readonly interval95: readonly [low: number, high: number] | undefined;
  readonly n: number;
}

const z95 = 1.959963984540054;

export function scoreOf(scores: readonly number[]): MeanScore {
  const n = scores.length;
  if (n === 0) return { mean: undefined, standardError: undefined, interval95: undefined, n };
  const mean = scores.reduce((sum, score) => sum + score, 0) / n;
  const squares = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0);
  return {
    mean,
    standardError: n < 2 ? undefined : Math.sqrt(squares / (n - 1) / n),
    interval95: wilson(mean, n),
    n,
  };
}

/**
 * Wilson (1927). For partial credit it may be wider than needed but never too narrow, because such scores vary less
 * than 0 or 1.
 */
function wilson(share: number, n: number): readonly [number, number] {
  const square = z95 ** 2;
  const centre = (share + square / (2 * n)) / (1 + square / n);
  const half = (z95 / (1 + square / n)) * Math.sqrt((share * (1 - share)) / n + square / (4 * n ** 2));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}
