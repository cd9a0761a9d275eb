import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../atomic-file.ts';
import { jsonFiles, readJsonFiles } from './read-json.ts';

/** A result with the detail of every request. */
const longestResult = 256 * 1024 * 1024;

/** A collection that was written. */
export interface Collection {
  readonly file: string;
  /** Number of files in it. */
  readonly collected: number;
}

/**
 * Writes the contents of all JSON files below a folder as one array, `agg_<name>.json` (contract §6), in the order of the
 * files' names. Throws InputError with every file that is not JSON.
 */
export async function collect(folder: string, name: string, outDir: string): Promise<Collection> {
  const file = join(outDir, `agg_${basename(name)}.json`);
  // An earlier collection into the same folder is not one of the results.
  const files = (await jsonFiles(folder)).filter((found) => resolve(found) !== resolve(file));
  const values = await readJsonFiles(files, z.json(), 'JSON', longestResult);
  await writeFileAtomically(file, `${JSON.stringify(values, null, 2)}\n`);
  return { file, collected: values.length };
}
