import type { Payer } from '../../../src/derived/cost.ts';
import { payerLabels } from '../../../src/derived/measures.ts';
import type { HardwareDocument } from '../../../src/server/api.ts';
import { isStalePrice, monthName } from './price-age.ts';

/** Whose prices are used, with their date and source, because prices change often. */
export function PriceDates({
  hardware,
  payer,
}: {
  readonly hardware: HardwareDocument;
  readonly payer: Payer;
}) {
  const prices = hardware.gpus.flatMap(({ usdPerGpuHour }) => usdPerGpuHour[payer] ?? []);
  const sources = [...new Set(prices.map(({ source }) => source))];
  const months = [...new Set(prices.map(({ asOf }) => asOf))].toSorted();
  return (
    <span data-prices={payer}>
      Prices: {payerLabels[payer]}, {months.map(monthName).join(' and ')}
      {months.some((month) => isStalePrice(month)) && <strong class="warn"> (old)</strong>} (source:{' '}
      {sources.join('; ')}). Enter your own where they differ.
    </span>
  );
}
