import { z } from 'zod';
import { listOf } from '../bounded-list.ts';
import { isProduct, rowFieldNamed, rowIdentityShape, rowValueSchema } from '../identity/index.ts';
import type { AggregateRow } from './aggregate-row.ts';
import { jsonFiles, readJsonFiles } from './read-json.ts';

const shape = {
  ...rowIdentityShape,
  tput_per_gpu: z.number().nullable(),
  output_tput_per_gpu: z.number().nullable(),
  input_tput_per_gpu: z.number().nullable(),
};
const identity = z.object(shape);

/** The identity of a row is known; a field newer than January's contract may be null if the point lacks it. */
function isNeverNull(field: string): boolean {
  const known = rowFieldNamed(field);
  return known !== undefined && known.line.optional !== true;
}

/** What every aggregate row has; further fields are its layout, and measurements, of which null is not known. */
export const aggregateRowSchema = z
  .object(shape)
  .catchall(rowValueSchema.nullable())
  .superRefine((row, context) => {
    for (const [field, value] of Object.entries(row)) {
      if (value === null && isNeverNull(field))
        context.addIssue({ code: 'custom', path: [field], message: 'a layout is known: expected no null' });
    }
  }) satisfies z.ZodType<AggregateRow>;

/** The same as parsing by `aggregateRowSchema`, several times as fast, for reading a million of them. */
export function parseAggregateRow(value: unknown): AggregateRow {
  return isAggregateRow(value) ? value : aggregateRowSchema.parse(value);
}

function isAggregateRow(value: unknown): value is AggregateRow {
  if (!identity.safeParse(value).success) return false;
  const fields: Readonly<Record<string, unknown>> = Object(value);
  for (const name in fields) if (!isRowValue(name, fields[name])) return false;
  return true;
}

function isRowValue(name: string, value: unknown): boolean {
  return (
    typeof value === 'number' ||
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    (value === null ? !isNeverNull(name) : isProduct(value))
  );
}

const oneOrMany = z.union([listOf(aggregateRowSchema), aggregateRowSchema.transform((row) => [row])]);

/** Aggregate rows from files, each one row or a list, and from every `.json` below folders; throws InputError. */
export async function readRows(paths: readonly string[]): Promise<AggregateRow[]> {
  const files = await Promise.all(paths.map(jsonFiles));
  return (await readJsonFiles(files.flat(), oneOrMany, 'aggregate rows')).flat();
}
