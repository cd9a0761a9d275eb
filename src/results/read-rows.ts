import { z } from 'zod';
import type { AggregateRow } from './aggregate-row.ts';
import { layoutFields } from './layout-fields.ts';
import { jsonFiles, readJsonFiles } from './read-json.ts';

const shape = {
  hw: z.string(),
  conc: z.int().positive(),
  image: z.string(),
  model: z.string(),
  infmax_model_prefix: z.string(),
  framework: z.string(),
  precision: z.string(),
  spec_decoding: z.string(),
  disagg: z.boolean(),
  isl: z.int().positive(),
  osl: z.int().positive(),
  is_multinode: z.boolean(),
  tput_per_gpu: z.number().nullable(),
  output_tput_per_gpu: z.number().nullable(),
  input_tput_per_gpu: z.number().nullable(),
};
const identity = z.object(shape);

const layout: ReadonlySet<string> = new Set(layoutFields);

/** What every aggregate row has; further fields are its layout, and measurements, of which null is not known. */
export const aggregateRowSchema = z
  .object(shape)
  .catchall(z.union([z.string(), z.number(), z.boolean(), z.null()]))
  .superRefine((row, context) => {
    for (const field of layoutFields) {
      if (row[field] === null)
        context.addIssue({ code: 'custom', path: [field], message: 'a layout is known: expected no null' });
    }
  }) satisfies z.ZodType<AggregateRow>;

/** The same as parsing by `aggregateRowSchema`, several times as fast, for reading a million of them. */
export function parseAggregateRow(value: unknown): AggregateRow {
  return isAggregateRow(value) ? value : aggregateRowSchema.parse(value);
}

function isAggregateRow(value: unknown): value is AggregateRow {
  if (!identity.safeParse(value).success) return false;
  return Object.entries(Object(value)).every(
    ([name, field]) =>
      typeof field === 'number' ||
      typeof field === 'string' ||
      typeof field === 'boolean' ||
      (field === null && !layout.has(name)),
  );
}

const oneOrMany = z.union([z.array(aggregateRowSchema), aggregateRowSchema.transform((row) => [row])]);

/** Aggregate rows from files, each one row or a list, and from every `.json` below folders; throws InputError. */
export async function readRows(paths: readonly string[]): Promise<AggregateRow[]> {
  const files = await Promise.all(paths.map(jsonFiles));
  return (await readJsonFiles(files.flat(), oneOrMany, 'aggregate rows')).flat();
}
