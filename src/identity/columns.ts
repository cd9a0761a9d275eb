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

/** What a value is in a column. */
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

/** The columns of a configuration: what all its measurements were asked for, but for the concurrency. */
export type ConfigurationColumns = Columns<ConfigurationLine>;
/** What was served, which does not make another configuration. */
export type EnvironmentColumns = Columns<EnvironmentLine>;
/** All columns that say what was measured. */
export type IdentityColumns = ConfigurationColumns & EnvironmentColumns & { readonly conc: number | null };

export const environmentFields: readonly RowField[] = entryRowFields.filter(
  ({ line }) => line.part === 'none',
);

/** Columns by name; the table that the names come from is also what the type is made of. */
function namesOf<Table>(fields: readonly RowField[]): readonly (keyof Table & string)[] {
  return fields.map(({ column }) => column as keyof Table & string);
}

export const configurationColumns = namesOf<ConfigurationColumns>(configurationFields);
export const environmentColumns = namesOf<EnvironmentColumns>(environmentFields);
/** What curves are told apart by, within a chart and at all. */
export const chartColumns = namesOf<ConfigurationColumns>(chartFields);
export const curveColumns = namesOf<ConfigurationColumns>(curveFields);
export const seriesColumns = curveColumns.filter((column) => !chartColumns.includes(column));
/** What lists of curves are put in order by; databases do not agree where nulls stand, so optional fields are not in it. */
export const curveOrder = namesOf<ConfigurationColumns>(
  [...chartFields, ...entryRowFields.filter(({ line }) => line.part === 'curve')].filter(
    ({ line }) => line.optional !== true,
  ),
);

/** A value as its column has it. */
export function columnValue({ line }: RowField, value: RowValue | undefined): ColumnValue {
  if (value === undefined || isLeftOut(line, value)) return null;
  return valueTypes[line.type].toColumn(value);
}

/** The columns of a row's configuration, and the list of values that its key is made of. */
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

/** The values of a row that make it a measurement of one configuration, in the order of `configurationFields`. */
export function configurationValues(row: Values): readonly unknown[] {
  return configurationFields.map(({ row: name }) => row[name]);
}

export function environmentOfRow(row: Values): EnvironmentColumns {
  return Object.fromEntries(
    environmentFields.map((field) => [
      field.column,
      columnValue(field, row[field.row] as RowValue | undefined),
    ]),
  ) as EnvironmentColumns;
}

/** What is done for every row that is read, worked out once. */
const reading = rowFields.map(({ line, row, column }) => ({
  row,
  column,
  fromColumn: valueTypes[line.type].fromColumn,
}));

/** A row's identity, put together from its columns, in the order of a row. */
export function rowIdentityOf(columns: IdentityColumns): RowIdentity {
  const values: Values = columns;
  const row: Record<string, RowValue> = {};
  for (const { row: name, column, fromColumn } of reading) {
    const value = values[column];
    if (typeof value === 'string' || typeof value === 'number') row[name] = fromColumn(value);
  }
  return row as RowIdentity;
}

/**
 * What the rows of one configuration have in common, in the order of a row. What each has of its own, its concurrency
 * and what was served, has a place in it but no value that means anything.
 */
export function rowOfConfiguration(columns: ConfigurationColumns): RowIdentity {
  const own = environmentFields.map(({ line, column }) => [column, line.optional === true ? null : '']);
  return rowIdentityOf({ ...columns, conc: 1, ...Object.fromEntries(own) });
}

const readingServed = reading.filter(({ column }) =>
  environmentFields.some((field) => field.column === column),
);

/** What a row says of what was served, of its columns. */
export function servedOfColumns(columns: EnvironmentColumns): Pick<RowIdentity, RowName<EnvironmentLine>> {
  const values: Values = columns;
  const row: Record<string, RowValue> = {};
  for (const { row: name, column, fromColumn } of readingServed) {
    const value = values[column];
    if (typeof value === 'string' || typeof value === 'number') row[name] = fromColumn(value);
  }
  return row as Pick<RowIdentity, RowName<EnvironmentLine>>;
}

/** Whether a field's columns give back the value that a row has. */
export function isInColumns(field: RowField, value: unknown, columns: Values): boolean {
  // What every row has, and no column may have lost, needs no look.
  if (field.line.of === 'entry' && field.line.optional !== true) return true;
  const column = columns[field.column];
  if (column === null || column === undefined) return false;
  const { fromColumn } = valueTypes[field.line.type];
  const kept = fromColumn(column as string | number);
  return kept === value || (typeof kept === 'object' && JSON.stringify(kept) === JSON.stringify(value));
}

/** What values are in the API and in filters. */
export interface ApiValues {
  readonly text: string;
  readonly count: number;
  readonly flag: boolean;
  readonly 'spelled-flag': boolean;
  readonly product: string;
}

/** Fields by the names that typed code and the API have for them. */
type ApiFields<L extends Line> = {
  readonly [One in Extract<L, EntryLine> as One['name']]: ApiValues[One['type']];
} & { readonly [One in Exclude<L, EntryLine> as ApiName<One>]?: ApiValues[One['type']] };

/** What all curves of a chart share, what all points of a curve do, and what the curves of one chart differ in. */
export type Chart = ApiFields<LineWith<{ readonly part: 'chart' }>>;
export type Curve = ApiFields<LineWith<{ readonly part: 'chart' | 'curve' }>>;
export type SeriesIdentity = ApiFields<LineWith<{ readonly part: 'curve' }>>;

/** Which rows are wanted, by any value that says what was measured. */
export type IdentityFilter = {
  /** null is for those that do not have the field. */
  readonly [One in Line as ApiName<One>]?: ApiValues[One['type']] | null | undefined;
};

const seriesOnly = curveFields.filter(({ line }) => line.part === 'curve');

function named(fields: readonly RowField[], read: (field: RowField) => RowValue | undefined): object {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = read(field);
      return value === undefined || isLeftOut(field.line, value)
        ? []
        : [[field.api, valueTypes[field.line.type].toApi(value)]];
    }),
  );
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

/** What the columns of a configuration say of its curve. */
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
/** The same of a row. */
export function chartOfRow(row: Pick<RowIdentity, RowName<LineWith<{ readonly part: 'chart' }>>>): Chart {
  return named(chartFields, fromRow(row)) as Chart;
}
export function seriesOfRow(row: RowIdentity): SeriesIdentity {
  return named(seriesOnly, fromRow(row)) as SeriesIdentity;
}
/** A chart or series of what has more than these. */
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

/** The filter that only this chart, or this curve, passes: what it does not have, its points do not have either. */
export function exactly(asked: Chart | Curve): IdentityFilter {
  const values: Values = asked;
  const fields = 'hw' in asked ? curveFields : chartFields;
  return Object.fromEntries(fields.map(({ api }) => [api, values[api] ?? null]));
}

/** A condition that a filter makes: the column that must have a value, null for the default of an optional field. */
export interface AskedField {
  readonly table: 'configurations' | 'environments' | 'measurements';
  readonly column: string;
  readonly value: string | number | null;
  /** A product may be asked for by its name alone. */
  readonly isNameToo: boolean;
}

function tableOf({ line }: RowField): AskedField['table'] {
  if (line.name === 'conc') return 'measurements';
  return line.part === 'none' ? 'environments' : 'configurations';
}

/** What a filter says of the identity of points, column by column. */
export function askedFields(filter: IdentityFilter): AskedField[] {
  const values: Values = filter;
  return rowFields.flatMap((field) => {
    const value = values[field.api] as ApiValue | null | undefined;
    if (value === undefined) return [];
    const { askedColumn } = valueTypes[field.line.type];
    const asked = value === null || isLeftOut(field.line, value) ? null : askedColumn(value);
    return [
      { table: tableOf(field), column: field.column, value: asked, isNameToo: field.line.type === 'product' },
    ];
  });
}

/**
 * What the name of a series in a path is made of: its values, and the names of what is true of it. Fields that January's
 * contract does not have are short in it, as a path must not become longer than a file's name may be.
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

/** What a config says of the points that are measured for it, whatever their shape. */
export type ConfigIdentity = Pick<Curve, 'modelPrefix' | 'hw' | 'framework' | 'precision'>;
/** What charts are searched by besides, by column. */
export const searchedColumns = ['hw', 'framework', 'precision'] as const;
