import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJson } from '../../bounded-json.ts';
import { InputError } from '../../errors.ts';
import { evalJobSchema } from '../../identity/index.ts';
import { textOfNamed } from '../../named-file.ts';
import { reasonFor } from '../../schema-words.ts';
import { completedConcurrencies } from './batch.ts';
import { concurrencyOfName, type HarnessFile, harnessFileSchema, isHarnessFile } from './result-file.ts';
import { type CollectedEval, collectedEvals } from './row.ts';

/** The file beside an eval job's results that says what was evaluated. */
export const jobFileName = 'meta_env.json';

/** One result file of lm-evaluation-harness; throws InputError if it is something else. */
export async function readHarnessFile(file: string): Promise<HarnessFile> {
  return harnessFileOf(file, await readJson(file));
}

/** The accuracy rows of every eval job in a folder: of the folder itself and of the folders in it. */
export async function readEvalJobs(folder: string): Promise<CollectedEval[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => {
    throw new InputError(`no such folder ${folder}`);
  });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
  const rows: CollectedEval[] = [];
  for (const one of [folder, ...folders.toSorted()]) rows.push(...(await readEvalFolder(one)));
  return rows;
}

/**
 * The accuracy rows of one eval job; none if the folder has no `meta_env.json`. Of several result files the newest
 * counts; of a job of several concurrencies the newest of each that was completed.
 */
async function readEvalFolder(folder: string): Promise<CollectedEval[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).toSorted();
  if (!names.includes(jobFileName)) return [];
  const told = await readJson(join(folder, jobFileName));
  const job = evalJobSchema.safeParse(told);
  if (!job.success)
    throw new InputError([
      { file: join(folder, jobFileName), message: `not an eval job: ${reasonFor(job.error)}` },
    ]);
  const completed = completedConcurrencies(told);
  const newest = new Map<number | undefined, ResultFile>();
  for (const file of await resultFiles(folder, names)) {
    const concurrency = completed === undefined ? undefined : concurrencyOfName(file.path);
    if (completed !== undefined && (concurrency === undefined || !completed.has(concurrency))) continue;
    const other = newest.get(concurrency);
    if (other === undefined || file.modifiedMs >= other.modifiedMs) newest.set(concurrency, file);
  }
  return [...newest].flatMap(([concurrency, { path, content }]) =>
    collectedEvals(concurrency === undefined ? job.data : { ...job.data, conc: concurrency }, content, path),
  );
}

/** The model prefix that a job's `meta_env.json` names; undefined for `unknown`. */
export function modelPrefixOf(job: unknown): string | undefined {
  const prefix = evalJobSchema.safeParse(job).data?.infmax_model_prefix;
  return typeof prefix === 'string' && !['', 'unknown'].includes(prefix) ? prefix : undefined;
}

interface ResultFile {
  readonly path: string;
  readonly modifiedMs: number;
  readonly content: HarnessFile;
}

async function resultFiles(folder: string, names: readonly string[]): Promise<ResultFile[]> {
  const files: ResultFile[] = [];
  for (const path of names.filter((name) => name !== jobFileName).map((name) => join(folder, name))) {
    const value = await readJson(path);
    if (isHarnessFile(value))
      files.push({ path, modifiedMs: (await stat(path)).mtimeMs, content: harnessFileOf(path, value) });
  }
  return files;
}

/** A JSON file; throws InputError if it cannot be read. */
export async function readJson(file: string): Promise<unknown> {
  const text = await textOfNamed(file);
  try {
    return parseJson(text);
  } catch (error) {
    throw new InputError([{ file, message: `not JSON: ${reasonFor(error)}` }]);
  }
}

function harnessFileOf(file: string, value: unknown): HarnessFile {
  const parsed = harnessFileSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InputError([
    { file, message: `not a result of lm-evaluation-harness: ${reasonFor(parsed.error)}` },
  ]);
}
