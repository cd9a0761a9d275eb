import { basename, dirname, join, resolve, sep } from 'node:path';
import { writeFileAtomically } from '../atomic-file.ts';
import { parseJson } from '../bounded-json.ts';
import { bytesOfFile } from '../bounded-read.ts';
import { WorkError } from '../errors.ts';
import type { JobVariables } from '../identity/index.ts';
import { reasonFor } from '../schema-words.ts';
import { type AggregateRow, aggregateRowOfJob, resultFilenameOf } from './aggregate-row.ts';

/** A row that was written, and where. */
export interface ProcessedResult {
  readonly file: string;
  readonly row: AggregateRow;
}

/**
 * Makes the aggregate row of the raw result `<RESULT_FILENAME>.json` in a folder and writes it beside it, as
 * `agg_<RESULT_FILENAME>.json`. Throws WorkError for a missing variable and for a raw result that cannot be read.
 */
export async function processResult(folder: string, environment: JobVariables): Promise<ProcessedResult> {
  const name = resultFilenameOf(environment);
  const rawFile = join(folder, `${name}.json`);
  if (!resolve(rawFile).startsWith(join(resolve(folder), sep)))
    throw new WorkError(`RESULT_FILENAME points outside the folder: ${name}`, {
      hint: 'it is the name of the raw result without .json, in the folder the command runs in',
    });
  const row = aggregateRowOfJob(await readRaw(rawFile), environment);
  const file = join(dirname(rawFile), `agg_${basename(rawFile)}`);
  await writeFileAtomically(file, `${JSON.stringify(row, null, 2)}\n`);
  return { file, row };
}

const longestRaw = 256 * 1024 * 1024;

async function readRaw(file: string): Promise<unknown> {
  try {
    return parseJson((await bytesOfFile(file, longestRaw)).toString('utf8'));
  } catch (error) {
    throw new WorkError(`cannot read the raw result ${file}: ${reasonFor(error)}`, {
      cause: error,
      hint: 'RESULT_FILENAME is the name of the raw result without .json, in the folder the command runs in',
    });
  }
}
