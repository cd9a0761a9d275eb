import { areProvenDifferent } from '../../../../src/derived/decision.ts';
import { publishedVerdicts } from '../../../../src/derived/verdicts.ts';
import { areCostsProvenDifferent, arePowersProvenDifferent, type Row } from '../../data/decision-words.ts';
import type { By } from './params.ts';

/** How a column orders rows: its value, and which direction is better. Unknown values are last. */
interface Order {
  readonly better: 'higher' | 'lower';
  of(row: Row): number | null;
  /** Whether two rows are proven different in it; omitted if every difference counts. */
  isProven?(a: Row, b: Row): boolean;
}

export const orders: Readonly<Record<By, Order>> = {
  tput: {
    better: 'higher',
    of: ({ answer }) => answer.tputPerGpu,
    isProven: (a, b) => areProvenDifferent(a.answer, b.answer),
  },
  usd: { better: 'lower', of: ({ usdPerMillion }) => usdPerMillion, isProven: areCostsProvenDifferent },
  kw: { better: 'lower', of: ({ kwPerMtokPerS }) => kwPerMtokPerS, isProven: arePowersProvenDifferent },
  gpus: { better: 'lower', of: ({ points }) => points[0]?.gpus.total ?? null },
  ttft: { better: 'lower', of: ({ answer }) => answer.ttftMs },
  accuracy: {
    better: 'higher',
    of: ({ accuracy }) => (accuracy.state === 'unknown' ? null : accuracy.score.score),
  },
  age: { better: 'higher', of: ({ measuredAtS }) => measuredAtS },
  verdict: { better: 'lower', of: ({ verdict }) => publishedVerdicts.indexOf(verdict) },
};

export function sorted(rows: readonly Row[], by: By): Row[] {
  const { better, of } = orders[by];
  const sign = better === 'higher' ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [left, right] = [of(a), of(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return sign * (left - right);
  });
}
