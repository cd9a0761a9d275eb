import type { Values } from './entry.ts';
import { entryRowFields, type RowField, rowFieldNamed, rowFields } from './spelling.ts';
import type { IdentityLine } from './table.ts';
import { isLeftOut, type RowValue, valueText } from './values.ts';

/**
 * What the key of a configuration is made of, in this order, since stores have keys. The fields of a table change, so
 * this list does not: what came later follows by name, and only where it is not at its default.
 */
const keyed = [
  'infmax_model_prefix',
  'hw',
  'framework',
  'precision',
  'spec_decoding',
  'isl',
  'osl',
  'disagg',
  'is_multinode',
  'tp',
  'ep',
  'dp_attention',
  'prefill_tp',
  'prefill_ep',
  'prefill_dp_attention',
  'prefill_num_workers',
  'decode_tp',
  'decode_ep',
  'decode_dp_attention',
  'decode_num_workers',
  'num_prefill_gpu',
  'num_decode_gpu',
];

/** What a key of a configuration always has, and what it has where it is not at its default. */
export const keyedFields: readonly RowField[] = keyed.map((name) => {
  const field = rowFieldNamed(name);
  if (field === undefined) throw new Error(`keys of configurations are made of ${name}`);
  return field;
});
const isOfConfiguration = ({ line: { part, name } }: RowField) => part !== 'none' && name !== 'conc';
export const laterKeyedFields: readonly RowField[] = rowFields.filter(
  (field) => isOfConfiguration(field) && !keyedFields.includes(field),
);

/** What makes two measurements ones of the same configuration: everything asked for but concurrency and image. */
export const configurationFields: readonly RowField[] = [...keyedFields, ...laterKeyedFields];
/** The same, and the concurrency: two measurements of one point are equal in these. */
export const pointFields: readonly RowField[] = [
  ...configurationFields,
  ...entryRowFields.filter(
    ({ line }) => line.part === 'point' && !configurationFields.some((one) => one.line === line),
  ),
];
/** What all points of a curve share, and what all curves of a chart do. */
export const curveFields: readonly RowField[] = configurationFields.filter(
  ({ line: { part } }) => part === 'chart' || part === 'curve',
);
export const chartFields: readonly RowField[] = entryRowFields.filter(({ line }) => line.part === 'chart');

/** Names of row fields that points are told apart by, and curves by. */
export const pointFieldNames: readonly string[] = pointFields.map(({ row }) => row);

/** A key of a row by fields of it. Rows write some numbers and truth values as text. */
export function rowKeyBy(fields: readonly RowField[], row: Values, across: readonly string[] = []): string {
  const wanted = across.length === 0 ? fields : fields.filter((field) => !across.includes(field.row));
  return JSON.stringify(wanted.map(({ line, row: name }) => keyText(line, row[name])));
}

function keyText(line: IdentityLine, value: unknown): string {
  if (value === undefined || value === null || isLeftOut(line, value)) return '';
  return (typeof value === 'string' ? value : valueText(value as RowValue)).toLowerCase();
}

const withoutCounts = pointFields.filter(({ line }) => line.name !== 'gpus');

/**
 * What makes two measurements ones of the same point, of the identity that an entry asks for or that a row has: model,
 * shape, hardware, engine, precision, layout and concurrency; not the image, which changes over the life of a config.
 * GPUs follow from the layout.
 */
export function pointKey(row: Values): string {
  return rowKeyBy(withoutCounts, row);
}
