import { constantsAsOf } from '../derived/constants-as-of.ts';
import type { GpuPrice, Payer } from '../derived/cost.ts';
import { gpuNamed } from './documents/point-columns.ts';
import type { Knowledge } from './knowledge.ts';

/**
 * Price and power of each hardware type from the constants of its GPU, the newest or those of a month; null without
 * constants.
 */
export function pricesBy({ gpus }: Pick<Knowledge, 'gpus'>, payer: Payer, own?: number, month?: string) {
  const constantsOf = (hw: string) => {
    const named = gpuNamed(hw, gpus);
    const newest = gpus.find(({ gpu }) => gpu === named);
    return newest === undefined || month === undefined ? newest : constantsAsOf(newest, month);
  };
  return {
    priceOf: (hw: string): GpuPrice | null => {
      const usdPerGpuHour = own ?? constantsOf(hw)?.usdPerGpuHour[payer]?.value;
      return usdPerGpuHour === undefined ? null : { usdPerGpuHour };
    },
    powerKwOf: (hw: string): number | null => constantsOf(hw)?.allInPowerKw?.value ?? null,
  };
}
