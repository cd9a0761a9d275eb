import type { z } from 'zod';
import { type ApiValues, environmentFields, type IdentityFilter } from './columns.ts';
import { type SingleNodeEntry, singleNodeEntry, type Values } from './entry.ts';
import { chartFields, curveFields, pointFields } from './keys.ts';
import type { RowIdentity } from './row.ts';
import {
  type ApiName,
  entryFields,
  type Line,
  type LineWith,
  type OptionalLine,
  type RowField,
  rowFields,
} from './spelling.ts';
import { type ApiValue, isLeftOut, type RowValue, valueTypes } from './values.ts';

type EntryLine = Exclude<LineWith<{ readonly of: 'entry' }>, OptionalLine>;

/** The schemas of fields by the names that the API has for them. */
type ApiShape<L extends Line> = {
  [One in Extract<L, EntryLine> as One['name']]: z.ZodType<ApiValues[One['type']]>;
} & { [One in Exclude<L, EntryLine> as ApiName<One>]: z.ZodExactOptional<z.ZodType<ApiValues[One['type']]>> };

function shapeOf<L extends Line>(fields: readonly RowField[]): ApiShape<L> {
  return Object.fromEntries(
    fields.map(({ line, role, api }) => {
      const { apiSchema } = valueTypes[line.type];
      return [api, line.optional === true || role !== undefined ? apiSchema.exactOptional() : apiSchema];
    }),
  ) as ApiShape<L>;
}

/** What an answer of the API says of a chart: its model and shape. */
export const chartShape = shapeOf<LineWith<{ readonly part: 'chart' }>>(chartFields);
/** And of a series: what its points share beside the chart. */
export const seriesShape = shapeOf<LineWith<{ readonly part: 'curve' }>>(
  curveFields.filter(({ line }) => line.part === 'curve'),
);

/** A value that a question may be asked by. */
interface AskedBy {
  readonly field: RowField;
  readonly query: string;
}

export const askedBy: readonly AskedBy[] = rowFields.flatMap((field) => {
  const { query } = field.line;
  if (query === undefined) return [];
  return [{ field, query: field.role === undefined ? query : `${field.role}_${query}` }];
});

/** What tells curves of several charts apart beside model and shape, as queries name it. */
export const laterChartQueries = askedBy.flatMap(({ field: { line }, query }) =>
  line.part === 'chart' && line.optional === true ? [{ line, query }] : [],
);

/** The filter of a question about one chart: what is not asked for is at its default. */
export function oneChartAsked(asked: Values): IdentityFilter {
  const initial = laterChartQueries.map(({ line, query }) => [query, asked[query] ?? line.default ?? null]);
  return filterAsked({ ...asked, ...Object.fromEntries(initial) });
}

/** The filter that a query asks for. */
export function filterAsked(asked: Values): IdentityFilter {
  return Object.fromEntries(askedBy.map(({ field, query }) => [field.api, asked[query]]));
}

const laterPointFields = pointFields.filter(
  ({ line }) => line.optional === true && line.part !== 'chart' && line.part !== 'curve',
);

const laterServedFields = environmentFields.filter(({ line }) => line.optional === true);

type SomeValues = Readonly<Record<string, ApiValue>>;

/** What a row has besides its curve that January's contract does not have, by the names of the API. */
export function laterFieldsOf(row: RowIdentity): SomeValues {
  return valuesOf(laterPointFields, row);
}

/** And what it says of what was served, which differs between measurements of one point. */
export function laterServedOf(row: RowIdentity): SomeValues {
  return valuesOf(laterServedFields, row);
}

function valuesOf(fields: readonly RowField[], row: RowIdentity): SomeValues {
  const values: Values = row;
  return Object.fromEntries(
    fields.flatMap(({ line, row: name, api }) => {
      const value = values[name] as RowValue | undefined;
      // Public rows have an empty text for a fingerprint that nobody made.
      if (value === undefined || value === '' || isLeftOut(line, value)) return [];
      return [[api, valueTypes[line.type].toApi(value)]];
    }),
  );
}

/** The entry that measures a row of one node again, with what only a config says. */
export function entryOfRow(
  row: RowIdentity,
  named: { readonly maxModelLen: number; readonly expName: string },
): SingleNodeEntry {
  const values: Values = row;
  const read = entryFields.flatMap(({ line, entry, whole }) => {
    const value = whole === undefined ? undefined : (values[whole.row] as RowValue | undefined);
    return value === undefined ? [] : [[entry, valueTypes[line.type].toEntry(value)]];
  });
  const said: Values = Object.fromEntries(read);
  return singleNodeEntry({ config: said, shape: said, item: said, runner: row.hw, ...named }, row.conc);
}
