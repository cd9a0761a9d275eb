import { type MatrixEntry, pointKey, rowIdentity } from '../identity/index.ts';
import type { AggregateRow } from './aggregate-row.ts';

/** The key of a point (`pointKey`), from an entry and a concurrency: measurements with the same key are of the same point. */
export function keyOfPoint(entry: MatrixEntry, conc: number, hardware: string): string {
  return pointKey(rowIdentity({ entry, conc, hardware }));
}

/** The same of a published row. */
export function keyOfRow(row: AggregateRow): string {
  return pointKey(row);
}
