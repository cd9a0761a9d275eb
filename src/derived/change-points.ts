/** A time after which a figure stayed at another level. */
export interface ChangePoint {
  /** The first value of the new level. */
  readonly index: number;
  /** The middle values of both levels: each was measured. */
  readonly before: number;
  readonly after: number;
}

/** Values a new level must hold for. */
const shortestLevel = 3;

/** Smaller steps are not worth a mark, however certain: 1 %. */
const smallestStep = 0.01;

/**
 * Where a positive figure changed its level and stayed there. The values are divided into constant parts with the least
 * squared error of the logarithms plus a penalty of 4 σ² ln n for each part (optimal partitioning, Jackson et al. 2005);
 * σ is estimated from the median absolute difference of neighbours, which a step hardly moves. A part of fewer than
 * three values is no level: an outlier, or a step on the way; what of it had all but arrived at the next level is part of
 * that. Only the first part may be shorter, because what was
 * before the first measurement is not known. Levels are told by a value that was measured, the middle one, and never by
 * a mean. Steps below 1 % are left out. Values that are not positive have no logarithm: then nothing is found.
 */
export function changePoints(values: readonly number[]): ChangePoint[] {
  const count = values.length;
  if (count <= shortestLevel || values.some((value) => !(value > 0) || !Number.isFinite(value))) return [];
  const levels: Level[] = [];
  for (const part of partsOf(values.map(Math.log))) {
    if (part.start > 0 && part.end - part.start < shortestLevel) continue;
    const middle = middleOf(values.slice(part.start, part.end));
    const last = levels.at(-1);
    // What comes back after an outlier is the same level.
    if (last !== undefined && isSameLevel(last.middle, middle)) continue;
    levels.push({ start: arrivalAt(part.start, middle, last, values), middle });
  }
  return levels.flatMap(({ start, middle }, at) => {
    const before = levels[at - 1]?.middle;
    return before === undefined ? [] : [{ index: start, before, after: middle }];
  });
}

interface Level {
  readonly start: number;
  /** One of its values. */
  readonly middle: number;
}

/** A value is of a level already if less than this share of the step to it is left. */
const arrived = 0.25;

/** Where the step to a level was: before its part, if what was passed over on the way had all but arrived. */
function arrivalAt(
  start: number,
  middle: number,
  before: Level | undefined,
  values: readonly number[],
): number {
  if (before === undefined) return start;
  const step = Math.abs(Math.log(middle / before.middle));
  const isLeft = (value: number) => Math.abs(Math.log(middle / value)) >= arrived * step;
  const passedOver = values.slice(before.start, start);
  return before.start + passedOver.findLastIndex(isLeft) + 1;
}

function isSameLevel(before: number, after: number): boolean {
  return Math.abs(after / before - 1) < smallestStep;
}

/** Constant parts, each from `start` up to `end`. */
function partsOf(logs: readonly number[]): { readonly start: number; readonly end: number }[] {
  const count = logs.length;
  const cost = segmentCost(logs);
  // A figure without any noise would otherwise have a change at every rounding error.
  const penalty = 4 * Math.max(noise(logs), 1e-3) ** 2 * Math.log(count);
  // best[end] is the least cost of the first `end` values; from[end] is where their last part begins.
  const best = new Array<number>(count + 1).fill(Number.POSITIVE_INFINITY);
  const from = new Array<number>(count + 1).fill(0);
  best[0] = -penalty;
  for (let end = 1; end <= count; end++) {
    for (let start = 0; start < end; start++) {
      const total = (best[start] ?? Number.POSITIVE_INFINITY) + cost(start, end) + penalty;
      if (total < (best[end] ?? Number.POSITIVE_INFINITY)) {
        best[end] = total;
        from[end] = start;
      }
    }
  }
  const parts: { start: number; end: number }[] = [];
  for (let end = count; end > 0; end = from[end] ?? 0) parts.unshift({ start: from[end] ?? 0, end });
  return parts;
}

/** The middle value; of an even number of them the lower of the two, so that it is one of them. */
function middleOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;
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
