import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError, messageOf } from '../errors.ts';
import type { AggregateRow } from './aggregate-row.ts';

/** What every aggregate row has; further fields are measurements. */
export const aggregateRowSchema = z
  .object({
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
    tput_per_gpu: z.number(),
    output_tput_per_gpu: z.number(),
    input_tput_per_gpu: z.number(),
  })
  .catchall(z.union([z.string(), z.number(), z.boolean()])) satisfies z.ZodType<AggregateRow>;

const oneOrMany = z.union([z.array(aggregateRowSchema), aggregateRowSchema.transform((row) => [row])]);

/** Aggregate rows from files, each one row or a list, and from every `.json` below folders; throws InputError. */
export async function readRows(paths: readonly string[]): Promise<AggregateRow[]> {
  const files = (await Promise.all(paths.map(jsonFiles))).flat();
  const read = await Promise.all(files.map(readFileRows));
  return read.flat();
}

/** The files a path stands for: itself, or every `.json` below it in the order of their names. */
export async function jsonFiles(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => {
    throw new InputError(`there is no file or folder ${path}`);
  });
  if (!found.isDirectory()) return [path];
  const names = await readdir(path, { recursive: true });
  return names
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .map((name) => join(path, name));
}

async function readFileRows(file: string): Promise<AggregateRow[]> {
  try {
    return oneOrMany.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new InputError([{ file, message: `not aggregate rows: ${reason}` }]);
  }
}
