import { defaultPayer, payers } from '../../../../src/derived/cost.ts';
import { statistics } from '../../../../src/derived/measures.ts';
import { tokenKinds } from '../../../../src/derived/throughput.ts';
import { number, oneOf, type ParamValues, text, words } from '../../state/params.ts';

export const costParams = {
  model: text(),
  shape: text(),
  tokens: oneOf(tokenKinds, 'total'),
  /** Which percentile of the users' speed must reach the target. */
  stat: oneOf(statistics, 'median'),
  /** tok/s/user. */
  target: number({ min: 0.001, max: 1e6 }),
  precision: words,
  payer: oneOf(payers, defaultPayer),
  /** Own prices, $ per GPU and hour, as `HARDWARE:PRICE`; they come before the payer's. */
  prices: words,
  /** $ per kWh on top of the hourly price; nothing where none is given. */
  kwh: number({ min: 0, max: 100 }),
};

export type CostValues = ParamValues<typeof costParams>;

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
