import { sha256OfText } from '../sha256.ts';
import type { Values } from './entry.ts';
import { chartFields, configurationFields, curveFields, keyedFields, laterKeyedFields } from './keys.ts';
import type { RowIdentity } from './row.ts';
import {
  type ApiName,
  type ColumnName,
  entryRowFields,
  type Line,
  type LineWith,
  type NamedLine,
  type OptionalLine,
  type RowField,
  type RowName,
  rowFields,
} from './spelling.ts';
import type { Part } from './table.ts';
import { type ApiValue, type ColumnValue, isLeftOut, type RowValue, valueTypes } from './values.ts';

/** Types of values in a column. */
interface ColumnValues {
  readonly text: string;
  readonly count: number;
  readonly flag: number;
  readonly 'spelled-flag': string;
  readonly product: string;
}

type EntryLine = Exclude<LineWith<{ readonly of: 'entry' }>, OptionalLine>;
type Columns<L extends Line> = {
  readonly [One in Extract<L, EntryLine> as ColumnName<One>]: ColumnValues[One['type']];
} & { readonly [One in Exclude<L, EntryLine> as ColumnName<One>]: ColumnValues[One['type']] | null };

type ConfigurationLine = Exclude<LineWith<{ readonly part: Exclude<Part, 'none'> }>, NamedLine<'conc'>>;
type EnvironmentLine = LineWith<{ readonly part: 'none' }>;

/** The columns of a configuration: the requested values that its measurements share, without the concurrency. */
export type ConfigurationColumns = Columns<ConfigurationLine>;
/** What was served; a difference does not make another configuration. */
export type EnvironmentColumns = Columns<EnvironmentLine>;
/** All identity columns. */
export type IdentityColumns = ConfigurationColumns & EnvironmentColumns & { readonly conc: number | null };

export const environmentFields: readonly RowField[] = entryRowFields.filter(
  ({ line }) => line.part === 'none',
);

/** Columns by name. The cast is safe: the type derives from the same table. */
function namesOf<Table>(fields: readonly RowField[]): readonly (keyof Table & string)[] {
  return fields.map(({ column }) => column as keyof Table & string);
}

export const environmentColumns = namesOf<EnvironmentColumns>(environmentFields);
/** The columns that distinguish charts, and those that distinguish curves. */
export const chartColumns = namesOf<ConfigurationColumns>(chartFields);
export const curveColumns = namesOf<ConfigurationColumns>(curveFields);
export const seriesColumns = curveColumns.filter((column) => !chartColumns.includes(column));
/** The sort order of lists of curves. Optional fields are not in it, because databases sort nulls differently. */
export const curveOrder = namesOf<ConfigurationColumns>(
  [...chartFields, ...entryRowFields.filter(({ line }) => line.part === 'curve')].filter(
    ({ line }) => line.optional !== true,
  ),
);

/** A value as its column stores it. */
export function columnValue({ line }: RowField, value: RowValue | undefined): ColumnValue {
  if (value === undefined || isLeftOut(line, value)) return null;
  return valueTypes[line.type].toColumn(value);
}

/** The columns of a row's configuration, and the values of its key. */
export function configurationOfRow(row: Values): {
  readonly columns: ConfigurationColumns;
  readonly key: readonly ColumnValue[];
} {
  const read = (field: RowField) => columnValue(field, row[field.row] as RowValue | undefined);
  const later = laterKeyedFields.map((field) => [field.column, read(field)] as const);
  const always = keyedFields.map((field) => [field.column, read(field)] as const);
  return {
    columns: Object.fromEntries([...always, ...later]) as ConfigurationColumns,
    key: [
      ...always.map(([, value]) => value),
      ...later.flatMap(([column, value]) => (value === null ? [] : [column, value])),
    ],
  };
}

/** The values that identify a row's configuration, in the order of `configurationFields`. */
export function configurationValues(row: Values): readonly unknown[] {
  return configurationFields.map(({ row: name }) => row[name]);
}

export function environmentOfRow(row: Values): EnvironmentColumns {
  const columns: Record<string, ColumnValue> = {};
  for (const field of environmentFields)
    columns[field.column] = columnValue(field, row[field.row] as RowValue | undefined);
  return columns as EnvironmentColumns;
}

/** Work shared by all rows that are read, done once. */
const reading = rowFields.map(({ line, row, column }) => ({
  row,
  column,
  fromColumn: valueTypes[line.type].fromColumn,
}));

/** The identity of a row from its columns, in row order. */
export function rowIdentityOf(columns: IdentityColumns): RowIdentity {
  const values: Values = columns;
  const row: Record<string, RowValue> = {};
  for (const { row: name, column, fromColumn } of reading) {
    const value = values[column];
    if (typeof value === 'string' || typeof value === 'number') row[name] = fromColumn(value);
  }
  return row as RowIdentity;
}

/** Whether a field's columns restore the value of a row. */
export function isInColumns(field: RowField, value: unknown, columns: Values): boolean {
  // Every row has these fields and no column loses them, so there is nothing to check.
  if (field.line.of === 'entry' && field.line.optional !== true) return true;
  const column = columns[field.column];
  if (column === null || column === undefined) return false;
  const { fromColumn } = valueTypes[field.line.type];
  const kept = fromColumn(column as string | number);
  return kept === value || (typeof kept === 'object' && JSON.stringify(kept) === JSON.stringify(value));
}

/** Types of values in the API and in filters. */
export interface ApiValues {
  readonly text: string;
  readonly count: number;
  readonly flag: boolean;
  readonly 'spelled-flag': boolean;
  readonly product: string;
}

/** Fields by their names in code and in the API. */
type ApiFields<L extends Line> = {
  readonly [One in Extract<L, EntryLine> as One['name']]: ApiValues[One['type']];
} & { readonly [One in Exclude<L, EntryLine> as ApiName<One>]?: ApiValues[One['type']] };

/**
 * Fields that all curves of a chart share, that all points of a curve share, and in which the curves of a chart differ.
 */
export type Chart = ApiFields<LineWith<{ readonly part: 'chart' }>>;
export type Curve = ApiFields<LineWith<{ readonly part: 'chart' | 'curve' }>>;
export type SeriesIdentity = ApiFields<LineWith<{ readonly part: 'curve' }>>;

/** A filter for rows by any identity field. */
export type IdentityFilter = {
  /** The value to match; null matches rows without the field. */
  readonly [One in Line as ApiName<One>]?: ApiValues[One['type']] | null | undefined;
};

const seriesOnly = curveFields.filter(({ line }) => line.part === 'curve');

function named(fields: readonly RowField[], read: (field: RowField) => RowValue | undefined): object {
  const values: Record<string, ApiValue> = {};
  for (const field of fields) {
    const value = read(field);
    if (value === undefined || isLeftOut(field.line, value)) continue;
    values[field.api] = valueTypes[field.line.type].toApi(value);
  }
  return values;
}

function fromColumns(columns: Values) {
  return ({ line, column }: RowField) => {
    const value = columns[column];
    return typeof value === 'string' || typeof value === 'number'
      ? valueTypes[line.type].fromColumn(value)
      : undefined;
  };
}

const fromRow = (row: Values) => (field: RowField) => row[field.row] as RowValue | undefined;

type SomeColumns<Part> = Pick<ConfigurationColumns, Extract<Part, keyof ConfigurationColumns>>;
type CurveColumns = SomeColumns<ColumnName<LineWith<{ readonly part: 'chart' | 'curve' }>>>;

/** The curve that the columns of a configuration belong to. */
export function curveOfColumns(columns: CurveColumns): Curve {
  return named(curveFields, fromColumns(columns)) as Curve;
}
export function chartOfColumns(
  columns: SomeColumns<ColumnName<LineWith<{ readonly part: 'chart' }>>>,
): Chart {
  return named(chartFields, fromColumns(columns)) as Chart;
}
export function seriesOfColumns(
  columns: SomeColumns<ColumnName<LineWith<{ readonly part: 'curve' }>>>,
): SeriesIdentity {
  return named(seriesOnly, fromColumns(columns)) as SeriesIdentity;
}
/** The chart that a row belongs to. */
export function chartOfRow(row: Pick<RowIdentity, RowName<LineWith<{ readonly part: 'chart' }>>>): Chart {
  return named(chartFields, fromRow(row)) as Chart;
}
export function seriesOfRow(row: RowIdentity): SeriesIdentity {
  return named(seriesOnly, fromRow(row)) as SeriesIdentity;
}
/** Extracts the chart or series fields from a larger object. */
export function chartOf(chart: Chart): Chart {
  const values: Values = chart;
  return Object.fromEntries(
    chartFields.flatMap(({ api }) => (values[api] === undefined ? [] : [[api, values[api]]])),
  ) as Chart;
}
export function seriesOf(series: SeriesIdentity): SeriesIdentity {
  const values: Values = series;
  return Object.fromEntries(
    seriesOnly.flatMap(({ api }) => (values[api] === undefined ? [] : [[api, values[api]]])),
  ) as SeriesIdentity;
}

/** The filter that matches only this chart or curve; fields that it lacks must be absent. */
export function exactly(asked: Chart | Curve): IdentityFilter {
  const values: Values = asked;
  const fields = 'hw' in asked ? curveFields : chartFields;
  return Object.fromEntries(fields.map(({ api }) => [api, values[api] ?? null]));
}

/** A condition of a filter: a column and its value, null for the default of an optional field. */
export interface AskedField {
  readonly table: 'configurations' | 'environments' | 'measurements';
  readonly column: string;
  readonly value: string | number | null;
  /** Whether a component may be matched by its name alone. */
  readonly isNameToo: boolean;
}

function tableOf({ line }: RowField): AskedField['table'] {
  if (line.name === 'conc') return 'measurements';
  return line.part === 'none' ? 'environments' : 'configurations';
}

const byApiName = new Map(rowFields.map((field) => [field.api, field]));

/** The conditions of a filter on the identity of points, by column. */
export function askedFields(filter: IdentityFilter): AskedField[] {
  const values: Values = filter;
  // A filter has few of all fields.
  return Object.keys(filter).flatMap((name) => {
    const field = byApiName.get(name);
    const value = values[name] as ApiValue | null | undefined;
    if (field === undefined || value === undefined) return [];
    const { askedColumn } = valueTypes[field.line.type];
    const asked = value === null || isLeftOut(field.line, value) ? null : askedColumn(value);
    return [
      { table: tableOf(field), column: field.column, value: asked, isNameToo: field.line.type === 'product' },
    ];
  });
}

/**
 * The parts of a series' name in a path: its values, and the names of its true flags. Fields that January's contract
 * lacks are shortened, because file names have a length limit.
 */
export function seriesKey(series: SeriesIdentity): string[] {
  const values: Values = series;
  const plain = seriesOnly.filter(({ line }) => line.optional !== true);
  const later = seriesOnly.flatMap(({ line, api }) =>
    line.optional === true && values[api] !== undefined ? [[api, values[api]]] : [],
  );
  return [
    ...plain.flatMap(({ api }) => {
      const value = values[api];
      if (typeof value === 'boolean') return value ? [api] : [];
      return [String(value)];
    }),
    ...(later.length === 0 ? [] : [sha256OfText(JSON.stringify(later)).slice(0, 10)]),
  ];
}

/** What a config determines about its points, whatever their shape. */
export type ConfigIdentity = Pick<Curve, 'modelPrefix' | 'hw' | 'framework' | 'precision'>;
/** Columns that the chart search uses, too. */
export const searchedColumns = ['hw', 'framework', 'precision'] as const;
