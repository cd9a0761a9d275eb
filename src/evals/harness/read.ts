import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJson } from '../../bounded-json.ts';
import { InputError } from '../../errors.ts';
import { evalJobSchema } from '../../identity/index.ts';
import { textOfNamed } from '../../named-file.ts';
import { reasonFor } from '../../schema-words.ts';
import { countedResults, evalsOfJob, jobFileName, type ResultFile } from './job.ts';
import { type HarnessFile, harnessFileSchema, isHarnessFile } from './result-file.ts';
import type { CollectedEval } from './row.ts';

/** Reads a result file of lm-evaluation-harness. Throws InputError if it is something else. */
export async function readHarnessFile(file: string): Promise<HarnessFile> {
  const value = await readJson(file);
  return inputOf(file, harnessResult, () => harnessFileSchema.parse(value));
}

/** The accuracy rows of all eval jobs in a folder and its direct subfolders. */
export async function readEvalJobs(folder: string): Promise<CollectedEval[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => {
    throw new InputError(`no such folder ${folder}`, undefined, { code: 'file-unreadable' });
  });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
  const rows: CollectedEval[] = [];
  for (const one of [folder, ...folders.toSorted()]) rows.push(...(await readEvalFolder(one)));
  return rows;
}

/** The accuracy rows of one eval job; empty if the folder has no `meta_env.json`. */
async function readEvalFolder(folder: string): Promise<CollectedEval[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).toSorted();
  if (!names.includes(jobFileName)) return [];
  const jobFile = join(folder, jobFileName);
  const job = await readJson(jobFile);
  inputOf(jobFile, 'an eval job', () => evalJobSchema.parse(job));
  const files: ResultFile[] = [];
  for (const path of names.filter((name) => name !== jobFileName).map((name) => join(folder, name))) {
    const value = await readJson(path);
    if (isHarnessFile(value)) files.push({ path, modifiedMs: (await stat(path)).mtimeMs, value });
  }
  return countedResults(job, files).flatMap(({ file, concurrency }) =>
    inputOf(file.path, harnessResult, () => evalsOfJob(job, file, concurrency)),
  );
}

const harnessResult = 'an lm-evaluation-harness result';

/** Reads a JSON file. Throws InputError if that fails. */
export async function readJson(file: string): Promise<unknown> {
  const text = await textOfNamed(file);
  try {
    return parseJson(text);
  } catch (error) {
    throw new InputError([{ code: 'not-a-result', file, message: `not JSON: ${reasonFor(error)}` }]);
  }
}

/** Runs `read`, and turns its error into an InputError that names the file. */
function inputOf<Value>(file: string, what: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw new InputError([{ code: 'not-a-result', file, message: `not ${what}: ${reasonFor(error)}` }]);
  }
}
