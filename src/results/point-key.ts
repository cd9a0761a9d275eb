import { isMultiNode, type MatrixEntry } from '../matrix/index.ts';
import type { AggregateRow } from './aggregate-row.ts';

/**
 * What makes two measurements of one point: model, shape, hardware, engine, precision, speculative decoding, layout and
 * concurrency; not the image, which changes over the life of a config.
 */
export function keyOfPoint(entry: MatrixEntry, conc: number, hardware: string): string {
  const layout = isMultiNode(entry)
    ? [entry.prefill, entry.decode].flatMap((group) => [
        group['num-worker'],
        group.tp,
        group.ep,
        group['dp-attn'],
      ])
    : [entry.tp, entry.ep, entry['dp-attn']];
  return key([
    hardware,
    entry.framework,
    entry['model-prefix'],
    entry.precision,
    entry['spec-decoding'],
    entry.disagg,
    entry.isl,
    entry.osl,
    conc,
    ...layout,
  ]);
}

/** The same of a published row. */
export function keyOfRow(row: AggregateRow): string {
  const layout = row.is_multinode
    ? ['prefill', 'decode'].flatMap((phase) => [
        row[`${phase}_num_workers`],
        row[`${phase}_tp`],
        row[`${phase}_ep`],
        row[`${phase}_dp_attention`],
      ])
    : [row.tp, row.ep, row.dp_attention];
  return key([
    row.hw,
    row.framework,
    row.infmax_model_prefix,
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
function key(parts: readonly (AggregateRow[string] | undefined)[]): string {
  return JSON.stringify(parts.map((part) => String(part).toLowerCase()));
}
