import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { writeFileAtomically } from '../../atomic-file.ts';
import { InputError, messageOf, type Problem } from '../../errors.ts';
import type { JobVariables } from '../../identity/index.ts';
import { bytesOfNamed } from '../../named-file.ts';
import { longestText, textOfBytes } from '../json-text.ts';
import { processResult } from '../process.ts';
import { type ImportOptions, readResults } from './index.ts';

export interface ImportRequest extends Omit<ImportOptions, 'writtenAt'> {
  readonly outDir: string;
  /** The environment of the job that measured (contract §5), to make aggregate rows as well. */
  readonly environment?: JobVariables;
}

/** A raw result that was written, and the row beside it if one was asked for. */
export interface ImportedFile {
  readonly file: string;
  readonly tool: string;
  /** Which result of its file it is, from 1, and of how many. */
  readonly result: number;
  readonly of: number;
  /** Its implausible parts, in words. */
  readonly doubts: readonly string[];
  readonly rowFile?: string;
}

/**
 * Writes the raw results of other tools' files as `<name>.json`, several of one file as `<name>_1.json` and so on.
 * Nothing is written if one of the files cannot be read, if two results would have the same file, or if a result would overwrite its
 * input; throws InputError then.
 */
export async function importFiles(files: readonly string[], request: ImportRequest): Promise<ImportedFile[]> {
  const results = (await Promise.all(files.map(async (file) => await resultsOf(file, request)))).flat();
  refuseOverwriting(files, results);
  const written: ImportedFile[] = [];
  for (const { from: _, name, text, ...imported } of results) {
    await writeFileAtomically(imported.file, text);
    const row = await rowOf(name, request);
    written.push({ ...imported, ...row });
  }
  return written;
}

interface ToWrite extends ImportedFile {
  readonly from: string;
  readonly name: string;
  readonly text: string;
}

async function resultsOf(
  from: string,
  { outDir, environment: _, ...options }: ImportRequest,
): Promise<ToWrite[]> {
  const { text, writtenAt } = await read(from);
  const results = readResults(from, text, { ...options, writtenAt });
  const stem = basename(from).replace(/\.jsonl?$/, '');
  return results.map(({ tool, result: { source, ...result }, doubts }, index) => {
    const name = results.length === 1 ? stem : `${stem}_${index + 1}`;
    const content = { ...result, source: { ...Object(source), file: basename(from) } };
    return {
      from,
      name,
      file: join(outDir, `${name}.json`),
      tool,
      result: index + 1,
      of: results.length,
      doubts,
      text: `${JSON.stringify(content, null, 2)}\n`,
    };
  });
}

function refuseOverwriting(files: readonly string[], results: readonly ToWrite[]): void {
  const sources = new Map(files.map((file) => [resolve(file), file]));
  const writers = new Map<string, ToWrite>();
  const problems: Problem[] = [];
  for (const result of results) {
    const target = resolve(result.file);
    const source = sources.get(target);
    const other = writers.get(target);
    if (source !== undefined) {
      const message = `its result would overwrite ${source}, which is read`;
      problems.push({ file: result.from, message, hint: 'give another folder with --out-dir' });
    } else if (other !== undefined) {
      const message = `its result would overwrite that of ${other.from}, as ${result.file}`;
      problems.push({ file: result.from, message, hint: 'import them into separate folders' });
    }
    writers.set(target, result);
  }
  if (problems.length > 0) throw new InputError(problems, undefined, { code: 'not-a-result' });
}

async function read(file: string): Promise<{ readonly text: string; readonly writtenAt: Date }> {
  const { bytes, writtenAt } = await bytesOf(file);
  return { text: textOfBytes(file, bytes), writtenAt };
}

async function bytesOf(file: string): Promise<{ readonly bytes: Uint8Array; readonly writtenAt: Date }> {
  const found = await stat(file).catch((error: unknown) => {
    const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const message = absent ? 'there is no such file' : `cannot be read: ${messageOf(error)}`;
    throw new InputError([{ code: 'not-a-result', file, message }]);
  });
  if (found.isDirectory())
    throw new InputError([
      { code: 'file-unreadable', file, message: 'it is a folder; name the files in it' },
    ]);
  return { bytes: await bytesOfNamed(file, longestText), writtenAt: found.mtime };
}

async function rowOf(
  name: string,
  { environment, outDir }: ImportRequest,
): Promise<{ readonly rowFile?: string }> {
  if (environment === undefined) return {};
  const { file } = await processResult(outDir, { ...environment, RESULT_FILENAME: name });
  return { rowFile: file };
}
