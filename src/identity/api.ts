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

/** Schemas of fields by their names in the API. */
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

/** The chart fields in an API response: model and shape. */
export const chartShape = shapeOf<LineWith<{ readonly part: 'chart' }>>(chartFields);
/** The series fields: what its points share besides the chart. */
export const seriesShape = shapeOf<LineWith<{ readonly part: 'curve' }>>(
  curveFields.filter(({ line }) => line.part === 'curve'),
);

/** A field that queries can filter by. */
interface AskedBy {
  readonly field: RowField;
  readonly query: string;
}

export const askedBy: readonly AskedBy[] = rowFields.flatMap((field) => {
  const { query } = field.line;
  if (query === undefined) return [];
  return [{ field, query: field.role === undefined ? query : `${field.role}_${query}` }];
});

/** The query parameters, besides model and shape, that distinguish the charts of curves. */
export const laterChartQueries = askedBy.flatMap(({ field: { line }, query }) =>
  line.part === 'chart' && line.optional === true ? [{ line, query }] : [],
);

/** The filter for a query about one chart; parameters that are not given have their defaults. */
export function oneChartAsked(asked: Values): IdentityFilter {
  const initial = laterChartQueries.map(({ line, query }) => [query, asked[query] ?? line.default ?? null]);
  return filterAsked({ ...asked, ...Object.fromEntries(initial) });
}

/** The filter that a query requests. */
export function filterAsked(asked: Values): IdentityFilter {
  return Object.fromEntries(askedBy.map(({ field, query }) => [field.api, asked[query]]));
}

const laterPointFields = pointFields.filter(
  ({ line }) => line.optional === true && line.part !== 'chart' && line.part !== 'curve',
);

const laterServedFields = environmentFields.filter(({ line }) => line.optional === true);

type SomeValues = Readonly<Record<string, ApiValue>>;

/** The point fields of a row that January's contract lacks, by their API names. */
export function laterFieldsOf(row: RowIdentity): SomeValues {
  return valuesOf(laterPointFields, row);
}

/** The fields about what was served, which may differ between measurements of one point. */
export function laterServedOf(row: RowIdentity): SomeValues {
  return valuesOf(laterServedFields, row);
}

function valuesOf(fields: readonly RowField[], row: RowIdentity): SomeValues {
  const values: Values = row;
  return Object.fromEntries(
    fields.flatMap(({ line, row: name, api }) => {
      const value = values[name] as RowValue | undefined;
      // Public rows have an empty text if there is no fingerprint.
      if (value === undefined || value === '' || isLeftOut(line, value)) return [];
      return [[api, valueTypes[line.type].toApi(value)]];
    }),
  );
}

/** The entry that measures a single-node row again, with the given config-only fields. */
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
