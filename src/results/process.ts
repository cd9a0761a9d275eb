import { basename, dirname, join, resolve, sep } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../atomic-file.ts';
import { parseJson } from '../bounded-json.ts';
import { bytesOfFile } from '../bounded-read.ts';
import { WorkError } from '../errors.ts';
import { gpusOfRow, type JobVariables, spelledOut } from '../identity/index.ts';
import { reasonFor } from '../schema-words.ts';
import { type AggregateRow, aggregateRowOfJob, resultFilenameOf } from './aggregate-row.ts';
import { type AddedPower, addPower, requireValid } from './power.ts';
import { parseAggregateRow } from './read-rows.ts';

/** A row that was written, and where. */
export interface ProcessedResult {
  readonly file: string;
  readonly row: AggregateRow;
  /** Of a result that follows the contract of August and was measured on one node. */
  readonly power?: AddedPower;
}

/**
 * Makes the aggregate row of the raw result `<RESULT_FILENAME>.json` in a folder and writes it beside it, as
 * `agg_<RESULT_FILENAME>.json`. A raw result that says when it was measured follows the contract of August: its row has
 * every field of that, and measured power of `gpu_metrics.csv` beside it. Throws WorkError for a missing variable, for a
 * raw result that cannot be read, and after everything is written if REQUIRE_POWER is set and power cannot be used.
 */
export async function processResult(folder: string, environment: JobVariables): Promise<ProcessedResult> {
  const name = resultFilenameOf(environment);
  const rawFile = join(folder, `${name}.json`);
  if (!resolve(rawFile).startsWith(join(resolve(folder), sep)))
    throw new WorkError(`RESULT_FILENAME points outside the folder: ${name}`, {
      hint: 'it is the name of the raw result without .json, in the folder the command runs in',
    });
  const raw = await readRaw(rawFile);
  const row = aggregateRowOfJob(raw, environment);
  const file = join(dirname(rawFile), `agg_${basename(rawFile)}`);
  const timed = saysWhen(raw);
  await writeFileAtomically(file, `${JSON.stringify(timed ? spelledOut(row) : row, null, 2)}\n`);
  if (!timed || row.is_multinode) return { file, row };
  const power = await addPower({
    csv: join(dirname(rawFile), 'gpu_metrics.csv'),
    benchResult: rawFile,
    aggResult: file,
    expectedGpus: gpusOfRow(row).all,
  });
  if (isRequired(environment.REQUIRE_POWER)) requireValid(power);
  return { file, row: parseAggregateRow(power.row), power };
}

const timedResult = z.looseObject({ benchmark_start_time_unix: z.unknown() });

function saysWhen(raw: unknown): boolean {
  return timedResult.safeParse(raw).data?.benchmark_start_time_unix !== undefined;
}

function isRequired(variable: string | undefined): boolean {
  return ['1', 'true'].includes(variable?.trim().toLowerCase() ?? '');
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
