import type { Payer } from '../../../src/derived/cost.ts';
import { payerLabels } from '../../../src/derived/measures.ts';
import type { HardwareDocument } from '../../../src/server/api.ts';

/** Whose prices are used, of when and from where: what a GPU costs changes faster than what it can do. */
export function PriceDates({
  hardware,
  payer,
}: {
  readonly hardware: HardwareDocument;
  readonly payer: Payer;
}) {
  const sources = [...new Set(hardware.gpus.map(({ usdPerGpuHour }) => usdPerGpuHour[payer].source))];
  return (
    <span data-prices={payer}>
      Prices: {payerLabels[payer]}, by {sources.join('; ')}. Prices have changed since; give your own.
    </span>
  );
}
