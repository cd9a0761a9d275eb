import type { Values } from './entry.ts';
import { entryRowFields, type RowField, rowFieldNamed, rowFields } from './spelling.ts';
import type { IdentityLine } from './table.ts';
import { isLeftOut, type RowValue, valueText } from './values.ts';

/**
 * The fields of a configuration's key, in order. Stores contain keys, so this list must not change; later fields follow
 * by name, and only if they are not at their defaults.
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

/** The fields that a key always has; later ones are added if they are not at their defaults. */
export const keyedFields: readonly RowField[] = keyed.map((name) => {
  const field = rowFieldNamed(name);
  if (field === undefined) throw new Error(`keys of configurations are made of ${name}`);
  return field;
});
const isOfConfiguration = ({ line: { part, name } }: RowField) => part !== 'none' && name !== 'conc';
export const laterKeyedFields: readonly RowField[] = rowFields.filter(
  (field) => isOfConfiguration(field) && !keyedFields.includes(field),
);

/** The fields that two measurements of the same configuration share: everything except concurrency and image. */
export const configurationFields: readonly RowField[] = [...keyedFields, ...laterKeyedFields];
/** The fields that two measurements of the same point share: those of the configuration, and the concurrency. */
export const pointFields: readonly RowField[] = [
  ...configurationFields,
  ...entryRowFields.filter(
    ({ line }) => line.part === 'point' && !configurationFields.some((one) => one.line === line),
  ),
];
/** The fields that all points of a curve share, and those that all curves of a chart share. */
export const curveFields: readonly RowField[] = configurationFields.filter(
  ({ line: { part } }) => part === 'chart' || part === 'curve',
);
export const chartFields: readonly RowField[] = entryRowFields.filter(({ line }) => line.part === 'chart');

/** Names of the row fields that distinguish points, and of those that distinguish curves. */
export const pointFieldNames: readonly string[] = pointFields.map(({ row }) => row);

/** A key from some fields of a row. Rows may contain numbers and booleans as text. */
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
 * The key that all measurements of a point share, from an entry's identity or from a row: model, shape, hardware,
 * engine, precision, layout and concurrency. The image is not part of it, because it changes over the life of a config.
 * GPU counts follow from the layout.
 */
export function pointKey(row: Values): string {
  return rowKeyBy(withoutCounts, row);
}
