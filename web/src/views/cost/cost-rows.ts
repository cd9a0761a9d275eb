import { costPerMillion, type GpuPrice } from '../../../../src/derived/cost.ts';
import type { TokenKind } from '../../../../src/derived/throughput.ts';
import type { Row } from '../../data/decision-words.ts';
import type { Priced } from '../../data/prices.ts';

/** What a million tokens cost on a hardware, and the row of the decision behind it. */
export interface CostRow {
  readonly row: Row;
  readonly usd: number;
  /** From the two measured points of the row and the 95 % intervals of their throughputs. */
  readonly range: readonly [low: number, high: number] | null;
  readonly price: GpuPrice;
}

/** The rows that have a price, the cheapest first. */
export function costRows(
  rows: readonly Row[],
  prices: ReadonlyMap<string, Priced>,
  tokens: TokenKind,
): CostRow[] {
  return rows
    .flatMap((row): CostRow[] => {
      const price = prices.get(row.answer.hw)?.price;
      const usd = row.usdPerMillion;
      if (price == null || usd === null) return [];
      const costOf = (perGpu: number) =>
        costPerMillion({ tokens, dividedBy: 'all', perGpu }, price)?.usd ?? usd;
      const { range } = row.answer;
      return [{ row, usd, price, range: range === null ? null : [costOf(range[1]), costOf(range[0])] }];
    })
    .toSorted((a, b) => a.usd - b.usd);
}
