import { z } from 'zod';
import type { Values } from './entry.ts';
import { isAggregated, type RowIdentity } from './row.ts';
import {
  fieldNamed,
  identityFields,
  type Line,
  type NamedLine,
  type RowField,
  type RowValues,
  type WholeColumn,
} from './spelling.ts';
import { type ColumnValue, type RowValue, valueTypes } from './values.ts';

/** The fields that identify the tested engine in public accuracy rows, by the store's column names. */
const always = [
  'model',
  'hw',
  'framework',
  'precision',
  'specDecoding',
] as const satisfies readonly Line['name'][];
/** Rows of other tools may lack these. */
const sometimes = [
  'modelPrefix',
  'tp',
  'ep',
  'dpAttention',
  'conc',
] as const satisfies readonly Line['name'][];

type Always = NamedLine<(typeof always)[number]>;
type Sometimes = NamedLine<(typeof sometimes)[number]>;

const isAmong = (names: readonly string[], { line }: RowField) => names.includes(line.name);
/** The order of the fields in a record. */
const order: readonly Line['name'][] = [
  'model',
  'modelPrefix',
  'hw',
  'framework',
  'precision',
  'specDecoding',
  'tp',
  'ep',
  'dpAttention',
  'conc',
];
const fields: readonly RowField[] = order.flatMap((name) => fieldNamed(name).whole ?? []);

/** The engine that answered an accuracy check. */
export type EvalSubject = {
  readonly [One in Always | Sometimes as WholeColumn<One>]: RowValues[One['type']];
};

/** The subject of an accuracy check for the engine of a row; for a multi-node engine, its decode workers. */
export function evalSubject(row: RowIdentity): EvalSubject {
  const values: Values = row;
  const read = ({ line, row: name }: RowField) => {
    const decoding = identityFields
      .find((field) => field.line === line)
      ?.byRole.find(({ role }) => role === (isAggregated(row) ? 'prefill' : 'decode'));
    return values[name] ?? (decoding === undefined ? undefined : values[decoding.row]);
  };
  return Object.fromEntries(fields.map((field) => [field.column, read(field)])) as EvalSubject;
}

type SubjectShape = { [One in Always | Sometimes as WholeColumn<One>]: z.ZodType<RowValues[One['type']]> };

/** Schema of a subject in our records. */
export const subjectShape = Object.fromEntries(
  fields.map(({ line, column }) => [column, valueTypes[line.type].rowSchema]),
) as SubjectShape;

type PublicShape = { [One in Always as WholeColumn<One>]: z.ZodType<RowValues[One['type']]> } & {
  [One in Sometimes as WholeColumn<One>]: z.ZodOptional<z.ZodNullable<z.ZodType<RowValue>>>;
};

/** Schema of a subject in an accuracy row of any tool, which may lack fields and use JSON booleans. */
export const publicSubjectShape = Object.fromEntries(
  fields.map((field): [string, z.ZodType] => {
    const { line, column } = field;
    const { rowSchema } = valueTypes[line.type];
    if (isAmong(sometimes, field))
      return [column, z.union([rowSchema, valueTypes[line.type].entrySchema]).nullish()];
    return [column, line.default === undefined ? rowSchema : rowSchema.default(line.default)];
  }),
) as PublicShape;

/** The columns of a subject. */
export type SubjectColumns = { readonly [One in Always as WholeColumn<One>]: string } & {
  readonly [One in Sometimes as WholeColumn<One>]: (One['type'] extends 'count' ? number : string) | null;
};

export const subjectColumnNames = fields.map(({ column }) => column) as readonly (keyof SubjectColumns)[];

/**
 * Converts an accuracy row to columns. An empty text means a field's default; hardware is in lower case, as in rows.
 */
export function subjectColumns(row: Values): SubjectColumns {
  return Object.fromEntries(
    fields.map(({ line, column }): [string, ColumnValue] => {
      const value = row[column] ?? undefined;
      if (value === '' && line.default !== undefined) return [column, String(line.default)];
      const written = valueTypes[line.type].toColumn(value as RowValue | undefined);
      return [column, line.name === 'hw' ? String(written).toLowerCase() : written];
    }),
  ) as SubjectColumns;
}

/** A subject in the API; unknown fields are null. */
export type ApiSubject = { readonly [One in Always as One['name']]: string } & {
  readonly [One in Sometimes as One['name']]: (One['type'] extends 'count' ? number : string) | null;
};

export function subjectOfColumns(columns: SubjectColumns): ApiSubject {
  const values: Values = columns;
  return Object.fromEntries(fields.map(({ api, column }) => [api, values[column]])) as ApiSubject;
}

/** The fields by which accuracy scores can be filtered, and their columns. */
export type SubjectFilter = {
  readonly [One in Always | Sometimes as One['name']]?: string | number | undefined;
};

export function askedSubject(
  filter: SubjectFilter,
): { readonly column: keyof SubjectColumns; readonly value: string | number }[] {
  const values: Values = filter;
  return fields.flatMap(({ api, column }) => {
    const value = values[api];
    return typeof value === 'string' || typeof value === 'number'
      ? [{ column: column as keyof SubjectColumns, value }]
      : [];
  });
}

type ScoreShape = { [One in Always as One['name']]: z.ZodType<string> } & {
  [One in NamedLine<'modelPrefix'> as One['name']]: z.ZodNullable<z.ZodType<string>>;
};
const scored = [...always, 'modelPrefix'] as const satisfies readonly Line['name'][];

/** The fields of a score's subject in an API response; the model prefix is null if it is unknown. */
export const scoreShape = Object.fromEntries(
  fields
    .filter((field) => isAmong(scored, field))
    .map((field): [string, z.ZodType] => [
      field.api,
      isAmong(sometimes, field) ? z.string().nullable() : z.string(),
    ]),
) as ScoreShape;

/** Picks these fields from a subject. */
export function scoreOf(subject: ApiSubject): Pick<ApiSubject, (typeof scored)[number]> {
  const values: Values = subject;
  return Object.fromEntries(
    fields.filter((field) => isAmong(scored, field)).map(({ api }) => [api, values[api]]),
  ) as Pick<ApiSubject, (typeof scored)[number]>;
}

/** The filter that a query requests, from the query's field names. */
export function subjectAsked(asked: Values): SubjectFilter {
  return Object.fromEntries(
    fields.flatMap(({ api, line: { query } }) => (query === undefined ? [] : [[api, asked[query]]])),
  );
}

/** Creates a subject from values by their names in code; missing fields get their defaults. */
export function subjectNamed(values: Values): EvalSubject {
  return Object.fromEntries(
    fields.map(({ line, api, column }) => {
      const value = (values[api] ?? line.default) as RowValue;
      return [column, valueTypes[line.type].toRow(value)];
    }),
  ) as EvalSubject;
}
