import { type ScaleContinuousNumeric, scaleLinear, scaleLog } from 'd3-scale';

export type Scale = ScaleContinuousNumeric<number, number>;
export type Domain = readonly [low: number, high: number];

export interface ScaleOptions {
  readonly log?: boolean;
  /** Whether a linear axis starts at 0, as it must if lengths are compared. */
  readonly zero?: boolean;
  /** Shows exactly this range, as a zoom requests. */
  readonly exact?: Domain | undefined;
  /** No value can exceed this: the axis ends there. */
  readonly limits?: Domain | undefined;
}

/** An axis over the values that are shown, with a small margin; values that cannot be shown on it are left out. */
export function scaleOver(
  values: Iterable<number | null>,
  range: Domain,
  { log = false, zero = false, exact, limits }: ScaleOptions = {},
): Scale {
  const [low, high] = exact ?? domainOf(values, { log, zero });
  const scale = log ? scaleLog([low, high], [...range]) : scaleLinear([low, high], [...range]);
  if (exact !== undefined || log) return scale;
  const [from = low, to = high] = scale.nice(tickCount(range)).domain();
  return limits === undefined ? scale : scale.domain([Math.max(from, limits[0]), Math.min(to, limits[1])]);
}

export function domainOf(
  values: Iterable<number | null>,
  { log = false, zero = false }: Pick<ScaleOptions, 'log' | 'zero'>,
): Domain {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value === null || !Number.isFinite(value) || (log && value <= 0)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return log ? [1, 10] : [0, 1];
  if (log)
    return low === high ? [low / 2, high * 2] : [low / (high / low) ** 0.05, high * (high / low) ** 0.05];
  if (zero) return low >= 0 ? [0, high === 0 ? 1 : high] : [low, Math.max(0, high)];
  const room = low === high ? Math.abs(low) * 0.1 || 1 : (high - low) * 0.05;
  return [low - room, high + room];
}

export interface Tick {
  readonly value: number;
  readonly at: number;
}

/** Ticks about 70 px apart; on a logarithmic axis 1, 2 and 5 of each decade, or fewer if these would crowd. */
export function ticksOf(scale: Scale, range: Domain): Tick[] {
  const count = tickCount(range);
  const isLog = 'base' in scale;
  const all = isLog ? logTicks(scale.domain(), count) : scale.ticks(count);
  return all.map((value) => ({ value, at: scale(value) }));
}

function logTicks([low = 1, high = 10]: number[], count: number): number[] {
  const decades = Math.log10(high / low);
  // Less than a decade contains few round powers, so linear steps are rounder.
  if (decades < 1) return scaleLinear([low, high], [0, 1]).ticks(count);
  const mantissas = decades * 3 <= count * 1.3 ? [1, 2, 5] : [1];
  const ticks: number[] = [];
  for (let exponent = Math.floor(Math.log10(low)); exponent <= Math.ceil(Math.log10(high)); exponent++) {
    for (const mantissa of mantissas) {
      const value = Number(`${mantissa}e${exponent}`);
      if (value >= low && value <= high) ticks.push(value);
    }
  }
  return ticks;
}

function tickCount([from, to]: Domain): number {
  return Math.max(2, Math.round(Math.abs(to - from) / 75));
}
