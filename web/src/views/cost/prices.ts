import type { GpuPrice } from '../../../../src/derived/cost.ts';
import { gpuOf } from '../../../../src/derived/hardware-key.ts';
import { interactivityMeasure, type statistics } from '../../../../src/derived/measures.ts';
import type { HardwareDocument } from '../../../../src/server/api.ts';
import { measuredPoint } from '../../data/measured.ts';
import type { PublishedPoint } from '../../data/points.ts';
import { type CostValues, parsePrices } from './params.ts';

export interface Priced {
  /** What the reader gave, if anything. */
  readonly own: number | undefined;
  /** The payer's price by the constants, if there is one. */
  readonly usual: number | undefined;
  readonly price: GpuPrice | null;
}

/** The price of each hardware: the reader's own, else the payer's; with the power beside it where that is asked for. */
export function pricesOf(
  hardware: readonly string[],
  { gpus }: HardwareDocument,
  { prices, payer, kwh }: Pick<CostValues, 'prices' | 'payer' | 'kwh'>,
): ReadonlyMap<string, Priced> {
  const given = parsePrices(prices);
  const known = new Map(gpus.map((constants) => [constants.gpu, constants]));
  const pricedAs = (hw: string): Priced => {
    const constants = known.get(gpuOf(hw, known.keys()) ?? '');
    const own = given.get(hw);
    const usual = constants?.usdPerGpuHour[payer].value;
    const usdPerGpuHour = own ?? usual;
    if (usdPerGpuHour === undefined) return { own, usual, price: null };
    if (kwh === undefined || kwh === 0) return { own, usual, price: { usdPerGpuHour } };
    // Without the power that a GPU draws, its electricity cannot be priced; then it has no cost rather than a wrong one.
    if (constants === undefined) return { own, usual, price: null };
    const power = { usdPerKwh: kwh, allInPowerKw: constants.allInPowerKw.value };
    return { own, usual, price: { usdPerGpuHour, power } };
  };
  return new Map(hardware.map((hw) => [hw, pricedAs(hw)]));
}

/** A round speed in the middle of what was measured, for the first look. */
export function defaultTarget(
  points: readonly PublishedPoint[],
  statistic: (typeof statistics)[number],
): number {
  const speed = interactivityMeasure(statistic);
  const speeds = points
    .flatMap((point) => speed.of(measuredPoint(point, new Map())) ?? [])
    .toSorted((a, b) => a - b);
  const middle = speeds[Math.floor(speeds.length / 2)] ?? 50;
  const step = 10 ** Math.floor(Math.log10(middle));
  return Number((Math.max(1, Math.floor(middle / step)) * step).toPrecision(2));
}
