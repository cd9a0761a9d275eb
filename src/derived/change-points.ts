/** A time after which a figure stayed at another level. */
export interface ChangePoint {
  /** The first value of the new level. */
  readonly index: number;
  /** Mean levels before and after, geometric. */
  readonly before: number;
  readonly after: number;
}

/** Values a level must hold for. */
const shortestLevel = 3;

/** Smaller steps are not worth a mark, however certain: 1 %. */
const smallestStep = 0.01;

/**
 * Where a positive figure changed its level: the division into constant levels with the least squared error of the
 * logarithms plus a penalty of 3 σ² ln n for each change (optimal partitioning, Jackson et al. 2005), after a running
 * median of three that takes single outliers away. σ is estimated from the median absolute difference of neighbours,
 * which a step hardly moves. A level holds for three values at least, and steps below 1 % are left out. Values that are
 * not positive have no logarithm: then none is found.
 */
export function changePoints(values: readonly number[]): ChangePoint[] {
  const count = values.length;
  if (count < 2 * shortestLevel || values.some((value) => !(value > 0) || !Number.isFinite(value))) return [];
  const raw = values.map(Math.log);
  const logs = raw.map((value, index) => middle(raw[index - 1] ?? value, value, raw[index + 1] ?? value));
  const cost = segmentCost(logs);
  // A figure without any noise would otherwise have a change at every rounding error.
  const penalty = 3 * Math.max(noise(raw), 1e-4) ** 2 * Math.log(count);
  // best[end] is the least cost of the first `end` values; from[end] is where their last level begins.
  const best = new Array<number>(count + 1).fill(Number.POSITIVE_INFINITY);
  const from = new Array<number>(count + 1).fill(0);
  best[0] = -penalty;
  for (let end = shortestLevel; end <= count; end++) {
    for (let start = 0; start <= end - shortestLevel; start++) {
      const total = (best[start] ?? Number.POSITIVE_INFINITY) + cost(start, end) + penalty;
      if (total < (best[end] ?? Number.POSITIVE_INFINITY)) {
        best[end] = total;
        from[end] = start;
      }
    }
  }
  const starts: number[] = [];
  for (let end = count; end > 0; end = from[end] ?? 0) starts.unshift(from[end] ?? 0);
  const levels = starts.map((start, at) => ({
    start,
    level: Math.exp(mean(logs.slice(start, starts[at + 1]))),
  }));
  return levels.flatMap(({ start, level }, at) => {
    const before = levels[at - 1]?.level;
    if (before === undefined || Math.abs(level / before - 1) < smallestStep) return [];
    return { index: start, before, after: level };
  });
}

/** Squared error around the mean of values start..end, from running sums. */
function segmentCost(values: readonly number[]): (start: number, end: number) => number {
  const sums = [0];
  const squares = [0];
  for (const value of values) {
    sums.push((sums.at(-1) ?? 0) + value);
    squares.push((squares.at(-1) ?? 0) + value * value);
  }
  return (start, end) => {
    const sum = (sums[end] ?? 0) - (sums[start] ?? 0);
    return Math.max(0, (squares[end] ?? 0) - (squares[start] ?? 0) - (sum * sum) / (end - start));
  };
}

/** Standard deviation of one value: the differences of neighbours spread √2 times as far; 0.6745 is a normal's median. */
function noise(values: readonly number[]): number {
  const differences = values
    .slice(1)
    .map((value, index) => Math.abs(value - (values[index] ?? value)))
    .toSorted((a, b) => a - b);
  return (differences[Math.floor(differences.length / 2)] ?? 0) / (0.6745 * Math.SQRT2);
}

function middle(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
