import type { GpuPrice, Payer } from '../derived/cost.ts';
import { gpuNamed } from './documents/point-columns.ts';
import type { Knowledge } from './knowledge.ts';

/** Price and power of each hardware from the constants of its GPU; null without constants. */
export function pricesBy({ gpus }: Pick<Knowledge, 'gpus'>, payer: Payer, own?: number) {
  const constantsOf = (hw: string) => {
    const named = gpuNamed(hw, gpus);
    return gpus.find(({ gpu }) => gpu === named);
  };
  return {
    priceOf: (hw: string): GpuPrice | null => {
      const usdPerGpuHour = own ?? constantsOf(hw)?.usdPerGpuHour[payer].value;
      return usdPerGpuHour === undefined ? null : { usdPerGpuHour };
    },
    powerKwOf: (hw: string): number | null => constantsOf(hw)?.allInPowerKw.value ?? null,
  };
}
