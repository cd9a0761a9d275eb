import { z } from 'zod';
import { askedBy, laterChartQueries } from './api.ts';
import { type ApiValue, valueTypes } from './values.ts';

/** The parameters of a query for every value that may be asked for, each optional, with a text that says what it is. */
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

/** The parameters that curves of several charts may be asked by beside model and shape. */
export const laterChartShape: Readonly<Record<string, z.ZodType<ApiValue | undefined>>> = Object.fromEntries(
  laterChartQueries.map(({ query }) => [query, queryShape[query] ?? z.undefined()]),
);
