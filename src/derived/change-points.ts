/** A place in a series at which a figure changed to a new level. */
export interface ChangePoint {
  /** The first value of the new level. */
  readonly index: number;
  /** The medians of both levels; each is a measured value. */
  readonly before: number;
  readonly after: number;
}

/** The number of values for which a new level must hold. */
const shortestLevel = 3;

/** Smaller steps are ignored, however certain: 1 %. */
const smallestStep = 0.01;

/**
 * Finds where a positive figure changed its level and stayed there. The values are divided into constant
 * segments so that the squared error of their logarithms plus a penalty of 4 σ² ln n per segment is minimal
 * (optimal partitioning, Jackson et al. 2005). σ is estimated from the median absolute difference of
 * neighbours, which a step hardly affects. A segment of fewer than three values is not a level but an outlier
 * or part of a step; its values that are close to the next level belong to that level. Only the first segment
 * may be shorter, because the values before the first measurement are unknown. Levels are reported as the
 * median measured value, never as a mean. Steps below 1 % are ignored. Values that are not positive have no
 * logarithm; a series with such a value has no change points.
 *
 *     changePoints([10, 10.1, 9.9, 10, 12, 12.1, 11.9, 12]) // [{ index: 4, before: 10, after: 12 }]
 */
export function changePoints(values: readonly number[]): ChangePoint[] {
  const count = values.length;
  if (count <= shortestLevel || values.some((value) => !(value > 0) || !Number.isFinite(value))) return [];
  const levels: Level[] = [];
  for (const part of partsOf(values.map(Math.log))) {
    if (part.start > 0 && part.end - part.start < shortestLevel) continue;
    const middle = middleOf(values.slice(part.start, part.end));
    const last = levels.at(-1);
    // The series returned to the same level after an outlier.
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
  /** A value of the segment. */
  readonly middle: number;
}

/** A value belongs to the new level if less than this fraction of the step remains. */
const arrived = 0.25;

/**
 * The start of a level: earlier than its segment if the skipped values before it were already close to the
 * level.
 */
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

/** Constant segments, each from `start` up to but excluding `end`. */
function partsOf(logs: readonly number[]): { readonly start: number; readonly end: number }[] {
  const count = logs.length;
  const cost = segmentCost(logs);
  // Without a minimum, every rounding error of a noise-free figure would be a change.
  const penalty = 4 * Math.max(noise(logs), 1e-3) ** 2 * Math.log(count);
  // best[end] is the lowest cost of the first `end` values; from[end] is the start of their last segment.
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

/** The median; the lower one of an even number of values, so that it is a measured value. */
function middleOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;
}

/** Squared error around the mean of values start..end, computed from prefix sums. */
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

/**
 * Standard deviation of one value. Differences of neighbours have √2 times its deviation; 0.6745 is the
 * median absolute value of a standard normal.
 */
function noise(values: readonly number[]): number {
  const differences = values
    .slice(1)
    .map((value, index) => Math.abs(value - (values[index] ?? value)))
    .toSorted((a, b) => a - b);
  return (differences[Math.floor(differences.length / 2)] ?? 0) / (0.6745 * Math.SQRT2);
}
