import { z } from 'zod';
import { isProduct, rowIdentityShape, rowValueSchema } from '../identity/index.ts';
import type { AggregateRow } from './aggregate-row.ts';
import { jsonFiles, readJsonFiles } from './read-json.ts';

const shape = {
  ...rowIdentityShape,
  tput_per_gpu: z.number(),
  output_tput_per_gpu: z.number(),
  input_tput_per_gpu: z.number(),
};
const identity = z.object(shape);

/** What every aggregate row has; further fields are measurements. */
export const aggregateRowSchema = z.object(shape).catchall(rowValueSchema) satisfies z.ZodType<AggregateRow>;

/** The same as parsing by `aggregateRowSchema`, several times as fast, for reading a million of them. */
export function parseAggregateRow(value: unknown): AggregateRow {
  return isAggregateRow(value) ? value : aggregateRowSchema.parse(value);
}

function isAggregateRow(value: unknown): value is AggregateRow {
  if (!identity.safeParse(value).success) return false;
  return Object.values(Object(value)).every(
    (field) =>
      typeof field === 'number' ||
      typeof field === 'string' ||
      typeof field === 'boolean' ||
      isProduct(field),
  );
}

const oneOrMany = z.union([z.array(aggregateRowSchema), aggregateRowSchema.transform((row) => [row])]);

/** Aggregate rows from files, each one row or a list, and from every `.json` below folders; throws InputError. */
export async function readRows(paths: readonly string[]): Promise<AggregateRow[]> {
  const files = await Promise.all(paths.map(jsonFiles));
  return (await readJsonFiles(files.flat(), oneOrMany, 'aggregate rows')).flat();
}
