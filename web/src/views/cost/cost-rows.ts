import { costPerMillion, type GpuPrice } from '../../../../src/derived/cost.ts';
import type { TokenKind } from '../../../../src/derived/throughput.ts';
import type { RowRange } from '../../charts/row-range.ts';
import type { Row } from '../../data/decision-words.ts';
import type { Priced } from '../../data/prices.ts';

/** What a million tokens cost on a hardware type, and the row of the decision behind it. */
export interface CostRow {
  readonly row: Row;
  readonly usd: number;
  /** The 95 % interval of a measured answer, or the range of the two points that an answer lies between. */
  readonly range: RowRange | null;
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
      const { range, at } = row.answer;
      const kind = at.kind === 'between' ? 'between' : 'interval';
      return [
        {
          row,
          usd,
          price,
          range: range === null ? null : { kind, of: [costOf(range[1]), costOf(range[0])] },
        },
      ];
    })
    .toSorted((a, b) => a.usd - b.usd);
}
