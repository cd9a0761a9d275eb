import { isMultiNode, type MatrixEntry } from '../matrix/index.ts';
import type { AggregateRow } from './aggregate-row.ts';

/** The newest publishable measurement of a point. */
export interface Measured {
  readonly row: AggregateRow;
  /** ISO 8601. */
  readonly measuredAt: string;
}

/** An entry that is to be measured again, with the concurrencies that are. */
export interface StaleEntry {
  readonly entry: MatrixEntry;
  /** ISO 8601: the oldest of its points' newest measurements; undefined where one was never measured. */
  readonly measuredAt: string | undefined;
}

/**
 * The entries with a point whose newest measurement is from before `since`, or that was never measured with the image
 * the config names now; never measured ones first, then the oldest. A multi-node entry keeps its stale concurrencies.
 */
export function staleEntries(
  entries: readonly MatrixEntry[],
  measured: readonly Measured[],
  { since, hardwareOf }: { readonly since: Date; readonly hardwareOf: (entry: MatrixEntry) => string },
): StaleEntry[] {
  const newest = new Map(measured.map(({ row, measuredAt }) => [keyOfRow(row), measuredAt]));
  const stale = entries.flatMap((entry): StaleEntry[] => {
    const hardware = hardwareOf(entry);
    const old = (conc: number) => {
      const at = newest.get(keyOfEntry(entry, conc, hardware));
      return at === undefined || new Date(at) < since ? [{ conc, at }] : [];
    };
    const points = isMultiNode(entry) ? entry.conc.flatMap(old) : old(entry.conc);
    if (points.length === 0) return [];
    const times = points.map(({ at }) => at ?? '').toSorted();
    const kept = isMultiNode(entry) ? { ...entry, conc: points.map(({ conc }) => conc) } : entry;
    return [{ entry: kept, measuredAt: times[0] || undefined }];
  });
  return stale.toSorted((a, b) => (a.measuredAt ?? '').localeCompare(b.measuredAt ?? ''));
}

function keyOfEntry(entry: MatrixEntry, conc: number, hardware: string): string {
  const layout = isMultiNode(entry)
    ? [entry.prefill, entry.decode].flatMap((group) => [
        group['num-worker'],
        group.tp,
        group.ep,
        group['dp-attn'],
      ])
    : [entry.tp, entry.ep, entry['dp-attn']];
  return key([
    entry['model-prefix'],
    hardware,
    entry.framework,
    entry.image,
    entry.precision,
    entry['spec-decoding'],
    entry.disagg,
    entry.isl,
    entry.osl,
    conc,
    ...layout,
  ]);
}

function keyOfRow(row: AggregateRow): string {
  const layout = row.is_multinode
    ? ['prefill', 'decode'].flatMap((phase) => [
        row[`${phase}_num_workers`],
        row[`${phase}_tp`],
        row[`${phase}_ep`],
        row[`${phase}_dp_attention`],
      ])
    : [row.tp, row.ep, row.dp_attention];
  return key([
    row.infmax_model_prefix,
    row.hw,
    row.framework,
    row.image,
    row.precision,
    row.spec_decoding,
    row.disagg,
    row.isl,
    row.osl,
    row.conc,
    ...layout,
  ]);
}

/** Rows write some numbers and truth values as text. */
function key(parts: readonly (string | number | boolean | undefined)[]): string {
  return JSON.stringify(parts.map((part) => String(part).toLowerCase()));
}
