import { z } from 'zod';
import { askedBy, laterChartQueries } from './api.ts';
import { type ApiValue, valueTypes } from './values.ts';

/** The query parameters for all filterable fields, each optional and with a description. */
export const queryShape: Readonly<Record<string, z.ZodType<ApiValue | undefined>>> = Object.fromEntries(
  askedBy.map(({ field: { line, role }, query }) => {
    const about = line.about ?? line.label;
    const { querySchema } = valueTypes[line.type];
    return [
      query,
      querySchema.describe(role === undefined ? about : `${about}; of ${role} workers`).optional(),
    ];
  }),
);

/** The query parameters, besides model and shape, that select a chart. */
export const laterChartShape: Readonly<Record<string, z.ZodType<ApiValue | undefined>>> = Object.fromEntries(
  laterChartQueries.map(({ query }) => [query, queryShape[query] ?? z.undefined()]),
);
