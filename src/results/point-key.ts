import { type MatrixEntry, pointKey, rowIdentity } from '../identity/index.ts';
import type { AggregateRow } from './aggregate-row.ts';

/** What makes two measurements ones of the same point (`pointKey`), of an entry at a concurrency. */
export function keyOfPoint(entry: MatrixEntry, conc: number, hardware: string): string {
  return pointKey(rowIdentity({ entry, conc, hardware }));
}

/** The same of a published row. */
export function keyOfRow(row: AggregateRow): string {
  return pointKey(row);
}
