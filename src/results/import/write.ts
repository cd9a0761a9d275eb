import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeFileAtomically } from '../../atomic-file.ts';
import { InputError, messageOf } from '../../errors.ts';
import type { JobEnvironment } from '../../identity/index.ts';
import { processResult } from '../process.ts';
import { type ImportOptions, importResults } from './index.ts';

export interface ImportRequest extends Omit<ImportOptions, 'writtenAt'> {
  readonly outDir: string;
  /** The environment of the job that measured (contract §5), to make aggregate rows as well. */
  readonly environment?: JobEnvironment;
}

/** A raw result that was written, and the row beside it where one was asked for. */
export interface ImportedFile {
  readonly file: string;
  readonly tool: string;
  readonly rowFile?: string;
}

/**
 * Writes the raw results of other tools' files as `<name>.json`, several of one file as `<name>_1.json` and so on.
 * Nothing is written where one of the files is none; throws InputError then.
 */
export async function importFiles(files: readonly string[], request: ImportRequest): Promise<ImportedFile[]> {
  const results = await Promise.all(files.map(async (file) => await resultsOf(file, request)));
  const written: ImportedFile[] = [];
  for (const { name, tool, result } of results.flat()) {
    const file = join(request.outDir, `${name}.json`);
    await writeFileAtomically(file, `${JSON.stringify(result, null, 2)}\n`);
    const row = await rowOf(name, request);
    written.push({ file, tool, ...row });
  }
  return written;
}

async function resultsOf(file: string, { outDir: _, environment: __, ...options }: ImportRequest) {
  const { text, writtenAt } = await read(file);
  const results = importResults(file, text, { ...options, writtenAt });
  const stem = basename(file).replace(/\.jsonl?$/, '');
  return results.map(({ source, ...result }, index) => ({
    name: results.length === 1 ? stem : `${stem}_${index + 1}`,
    tool: String(Object(source).tool),
    result: { ...result, source: { ...Object(source), file: basename(file) } },
  }));
}

async function read(file: string): Promise<{ readonly text: string; readonly writtenAt: Date }> {
  try {
    const [text, { mtime }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
    return { text, writtenAt: mtime };
  } catch (error) {
    throw new InputError([{ file, message: `cannot be read: ${messageOf(error)}` }]);
  }
}

async function rowOf(
  name: string,
  { environment, outDir }: ImportRequest,
): Promise<{ readonly rowFile?: string }> {
  if (environment === undefined) return {};
  const { file } = await processResult(outDir, { ...environment, RESULT_FILENAME: name });
  return { rowFile: file };
}
