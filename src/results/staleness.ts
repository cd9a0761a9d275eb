import { isDatedAhead } from '../dated-ahead.ts';
import { isMultiNode, type MatrixEntry } from '../matrix/index.ts';
import type { AggregateRow } from './aggregate-row.ts';
import { keyOfPoint, keyOfRow } from './point-key.ts';

/** The newest publishable measurement of a point. */
export interface NewestResult {
  readonly row: AggregateRow;
  /** ISO 8601. */
  readonly measuredAt: string;
}

/** An entry to measure again, with the concurrencies that are stale. */
export interface StaleEntry {
  readonly entry: MatrixEntry;
  /** ISO 8601: the oldest of its points' newest measurements; undefined if one was never measured. */
  readonly measuredAt: string | undefined;
}

/**
 * The entries with a point whose newest measurement is from before `since`, or from a clock that was ahead, or that was never measured with the image
 * the config names now; never measured ones first, then the oldest. A multi-node entry keeps its stale concurrencies.
 */
export function staleEntries(
  entries: readonly MatrixEntry[],
  measured: readonly NewestResult[],
  { since, hardwareOf }: { readonly since: Date; readonly hardwareOf: (entry: MatrixEntry) => string },
): StaleEntry[] {
  const newest = new Map(measured.map((one) => [keyOfRow(one.row), one]));
  const stale = entries.flatMap((entry): StaleEntry[] => {
    const hardware = hardwareOf(entry);
    const old = (conc: number) => {
      const last = newest.get(keyOfPoint(entry, conc, hardware));
      const at = last?.row.image === entry.image ? last.measuredAt : undefined;
      const isOld = at === undefined || new Date(at) < since || isDatedAhead(Date.parse(at));
      return isOld ? [{ conc, at }] : [];
    };
    const points = isMultiNode(entry) ? entry.conc.flatMap(old) : old(entry.conc);
    if (points.length === 0) return [];
    const times = points.map(({ at }) => at ?? '').toSorted();
    const kept = isMultiNode(entry) ? { ...entry, conc: points.map(({ conc }) => conc) } : entry;
    return [{ entry: kept, measuredAt: times[0] || undefined }];
  });
  return stale.toSorted((a, b) => (a.measuredAt ?? '').localeCompare(b.measuredAt ?? ''));
}
