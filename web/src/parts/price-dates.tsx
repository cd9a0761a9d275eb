import type { Payer } from '../../../src/derived/cost.ts';
import { payerLabels } from '../../../src/derived/measures.ts';
import type { HardwareDocument } from '../../../src/server/api.ts';
import { isStalePrice, monthName } from './price-age.ts';

interface PriceBasis {
  readonly hardware: HardwareDocument;
  readonly payer: Payer;
}

/** Whose prices are used, with their months and sources, because prices change often. */
function basisOf({ hardware, payer }: PriceBasis) {
  const prices = hardware.gpus.flatMap(({ usdPerGpuHour }) => usdPerGpuHour[payer] ?? []);
  const sources = [...new Set(prices.map(({ source }) => source))];
  const months = [...new Set(prices.map(({ asOf }) => asOf))].toSorted();
  return {
    of: `Prices per GPU-hour: ${payerLabels[payer]}, ${months.map(monthName).join(' and ')}`,
    isOld: months.some((month) => isStalePrice(month)),
    source: `(source: ${sources.join('; ')})`,
  };
}

/** The basis of prices as text, for the note of a figure. */
export function priceBasisWords(basis: PriceBasis): string {
  const { of, isOld, source } = basisOf(basis);
  return `${of}${isOld ? ' (old)' : ''} ${source}.`;
}

/** The basis of every $ figure of a view. */
export function PriceDates({ own = [], ...basis }: PriceBasis & { readonly own?: readonly string[] }) {
  const { of, isOld, source } = basisOf(basis);
  return (
    <span data-prices={basis.payer}>
      {of}
      {isOld && <strong class="warn"> (old)</strong>} {source}.{' '}
      {own.length === 0 ? 'Enter your own where they differ.' : `Your own for ${own.join(', ')}.`}
    </span>
  );
}
