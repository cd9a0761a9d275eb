import { type MatrixEntry, pointKey, rowIdentity } from '../identity/index.ts';
import { type AggregateRow, searchField } from './aggregate-row.ts';

/**
 * The key of a point (`pointKey`), from an entry and a concurrency: measurements with the same key are of the same point. A
 * point that searches a concurrency is the same point whatever it finds.
 */
export function keyOfPoint(entry: MatrixEntry, conc: number, hardware: string): string {
  const { search } = entry.traffic ?? {};
  const isFound = search !== undefined && search.load !== 'rate';
  return pointKey(rowIdentity({ entry, conc: isFound ? anyConc : conc, hardware }));
}

/** The same for a published row. */
export function keyOfRow(row: AggregateRow): string {
  return pointKey(row[searchField] === 'concurrency' ? { ...row, conc: anyConc } : row);
}

const anyConc = 0;
