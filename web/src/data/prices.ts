import type { GpuPrice } from '../../../src/derived/cost.ts';
import { gpuOf } from '../../../src/derived/hardware-key.ts';
import type { HardwareDocument } from '../../../src/server/api.ts';
import type { QuestionValues } from '../state/question.ts';

export interface Priced {
  /** The reader's own price, if any. */
  readonly own: number | undefined;
  /** The payer's price by the constants, if there is one. */
  readonly usual: number | undefined;
  readonly price: GpuPrice | null;
}

/** The price of each hardware type: the reader's own, else the payer's; with electricity if it is charged separately. */
export function pricesOf(
  hardware: readonly string[],
  { gpus }: HardwareDocument,
  { prices, payer, kwh }: Pick<QuestionValues, 'prices' | 'payer' | 'kwh'>,
): ReadonlyMap<string, Priced> {
  const given = parsePrices(prices);
  const known = new Map(gpus.map((constants) => [constants.gpu, constants]));
  const pricedAs = (hw: string): Priced => {
    const constants = known.get(gpuOf(hw, known.keys()) ?? '');
    const own = given.get(hw);
    const usual = constants?.usdPerGpuHour[payer]?.value;
    const usdPerGpuHour = own ?? usual;
    if (usdPerGpuHour === undefined) return { own, usual, price: null };
    if (kwh === undefined || kwh === 0) return { own, usual, price: { usdPerGpuHour } };
    // If a GPU's power is unknown, its electricity cannot be priced: no cost is better than a wrong one.
    const allIn = constants?.allInPowerKw;
    if (allIn === undefined) return { own, usual, price: null };
    return { own, usual, price: { usdPerGpuHour, power: { usdPerKwh: kwh, allInPowerKw: allIn.value } } };
  };
  return new Map(hardware.map((hw) => [hw, pricedAs(hw)]));
}

export function parsePrices(written: readonly string[]): ReadonlyMap<string, number> {
  return new Map(
    written.flatMap((entry) => {
      const at = entry.lastIndexOf(':');
      const price = Number(entry.slice(at + 1));
      return at > 0 && Number.isFinite(price) && price > 0 ? [[entry.slice(0, at), price] as const] : [];
    }),
  );
}

export function formatPrices(prices: ReadonlyMap<string, number>): readonly string[] {
  return [...prices].toSorted(([a], [b]) => a.localeCompare(b)).map(([hw, price]) => `${hw}:${price}`);
}
