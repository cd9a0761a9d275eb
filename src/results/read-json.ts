import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { InputError, type Problem } from '../errors.ts';
import { bytesOfNamed, longestNamed } from '../named-file.ts';
import { reasonFor } from '../schema-words.ts';
import { jsonValue, textOfBytes } from './json-text.ts';

/** The files at a path: the file itself, or every `.json` file below a folder, by name; throws InputError. */
export async function jsonFiles(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => {
    throw new InputError(`no such file or folder ${path}`, undefined, { code: 'file-unreadable' });
  });
  if (!found.isDirectory()) return [path];
  const names = await readdir(path, { recursive: true });
  return names
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .map((name) => join(path, name));
}

/** The contents of JSON files, each parsed by a schema; throws InputError with the problem of every file that is not `what`. */
export async function readJsonFiles<T>(
  files: readonly string[],
  schema: z.ZodType<T>,
  what: string,
  maxBytes: number = longestNamed,
): Promise<T[]> {
  const problems: Problem[] = [];
  const values: T[] = [];
  for (const file of files) {
    try {
      values.push(schema.parse(jsonValue(file, textOfBytes(file, await bytesOfNamed(file, maxBytes)))));
    } catch (error) {
      if (error instanceof InputError) problems.push(...error.problems);
      else problems.push({ file, message: `not ${what}: ${reasonFor(error)}` });
    }
  }
  if (problems.length > 0) throw new InputError(problems, undefined, { code: 'not-a-result' });
  return values;
}
