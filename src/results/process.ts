import { readdir } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../atomic-file.ts';
import { bytesOfFile } from '../bounded-read.ts';
import { WorkError } from '../errors.ts';
import {
  gpusOfRow,
  isMultinodeJob,
  type JobVariables,
  roleGpuVariables,
  spelledOut,
} from '../identity/index.ts';
import { unjudgedPower, withoutRow } from '../power/index.ts';
import { reasonFor } from '../schema-words.ts';
import { type AggregateRow, aggregateRowOfJob, resultFilenameOf } from './aggregate-row.ts';
import { jsonValue, textOfBytes } from './json-text.ts';
import { addPower } from './power.ts';
import { type AddedPower, isPowerRequired, requireValid, textOf, writePower } from './power-files.ts';
import { addPowerOfNodes } from './power-nodes.ts';
import { parseAggregateRow } from './read-rows.ts';

/** A written row, and its file. */
export interface ProcessedResult {
  readonly file: string;
  readonly row: AggregateRow;
  /** Whether its raw result follows the contract of August. */
  readonly power?: AddedPower;
}

/**
 * Makes the aggregate rows of a job's raw results in a folder, and writes each next to its raw result. Most jobs have one
 * raw result, `<RESULT_FILENAME>.json`. A multi-node job may have one for each point instead, whose name contains the
 * numbers of GPUs: `<RESULT_FILENAME>_…_gpus_<all>_ctx_<prefill>_gen_<decode>.json`, without the last two if workers do both
 * (contract F10). Throws like `processResult`; unusable power that is required is reported last.
 */
export async function processResults(
  folder: string,
  environment: JobVariables,
): Promise<readonly ProcessedResult[]> {
  const jobs = await jobsOfPoints(folder, environment);
  const processed: ProcessedResult[] = [];
  for (const job of jobs) processed.push(await write(folder, job));
  if (isPowerRequired(environment)) processed.forEach(requirePower);
  return processed;
}

/**
 * Processes the raw result `<RESULT_FILENAME>.json` alone; its row is `agg_<RESULT_FILENAME>.json`. If the raw result
 * follows the contract of August, so does its row, with measured power. Throws WorkError for a missing variable and for an
 * unreadable raw result, and, after everything is written, if REQUIRE_POWER is set and power cannot be used.
 */
export async function processResult(folder: string, environment: JobVariables): Promise<ProcessedResult> {
  const processed = await write(folder, environment);
  if (isPowerRequired(environment)) requirePower(processed);
  return processed;
}

function requirePower({ file, row, power }: ProcessedResult): void {
  if (power !== undefined) requireValid(power);
  else if (row.power_valid !== 1) {
    throw new WorkError(`${file} has no measured power that can be used, which REQUIRE_POWER asks for`, {
      code: 'not-a-result',
      hint: 'the raw result says neither when it was measured nor which power was drawn, or its readings do not cover the window',
    });
  }
}

/** The job of each raw result: the same variables, except its name and GPUs. */
async function jobsOfPoints(folder: string, environment: JobVariables): Promise<JobVariables[]> {
  const { RESULT_FILENAME: whole = '' } = environment;
  if (!isMultinodeJob(environment) || whole === '') return [environment];
  const [place, stem] = [dirname(whole), basename(whole)];
  const names = await readdir(join(folder, place)).catch((): string[] => []);
  if (names.includes(`${stem}.json`)) return [environment];
  const points = names
    .filter((name) => name.startsWith(`${stem}_`) && name.endsWith('.json'))
    .toSorted()
    .flatMap((name): JobVariables[] => {
      const count = (key: string) => new RegExp(`.*_${key}_(\\d+)`).exec(name)?.[1];
      const [all, prefill, decode] = [count('gpus'), count('ctx'), count('gen')];
      if (all === undefined) return [];
      const [ofPrefill, ofDecode] =
        prefill === undefined || decode === undefined ? [all, '0'] : [prefill, decode];
      return [
        {
          ...environment,
          RESULT_FILENAME: join(place, basename(name, '.json')),
          [roleGpuVariables.prefill]: ofPrefill,
          [roleGpuVariables.decode]: ofDecode,
        },
      ];
    });
  return points.length === 0 ? [environment] : points;
}

function rawFileOf(folder: string, environment: JobVariables): string {
  const name = resultFilenameOf(environment);
  const file = join(folder, `${name}.json`);
  if (!resolve(file).startsWith(join(resolve(folder), sep)))
    throw new WorkError(`RESULT_FILENAME points outside the folder: ${name}`, {
      code: 'bad-variable',
      hint: 'it is the name of the raw result without .json, in the folder the command runs in',
    });
  return file;
}

async function write(folder: string, environment: JobVariables): Promise<ProcessedResult> {
  const rawFile = rawFileOf(folder, environment);
  const raw = await readRaw(rawFile);
  const row = aggregateRowOfJob(raw, environment);
  const file = join(dirname(rawFile), `agg_${basename(rawFile)}`);
  const ofAugust = followsAugust(raw);
  if (ofAugust) refuseNoTpot(row, rawFile);
  await writeFileAtomically(file, `${JSON.stringify(ofAugust ? spelledOut(row) : row, null, 2)}\n`);
  // For our own results, measured power comes from our telemetry.
  if (!ofAugust || row.power_valid !== undefined) return { file, row };
  const power = await powerOf(folder, { environment, row, file, result: { name: rawFile, value: raw } });
  return { file, row: parseAggregateRow(power.row), power };
}

/** A TPOT of 0 has no interactivity, which every row of August must have. A spread of 0 is valid: a single reply has it. */
function refuseNoTpot(row: AggregateRow, rawFile: string): void {
  const [field] =
    Object.entries(row).find(([name, value]) => /^(?!std_).*tpot/.test(name) && value === 0) ?? [];
  if (field === undefined) return;
  throw new WorkError(`${rawFile}: ${field}_ms is 0, so its interactivity, 1000 / TPOT, has no value`, {
    code: 'bad-variable',
    hint: 'replies of one token have no TPOT: leave the figure out of the raw result, or measure with longer replies',
  });
}

interface MeasuredRow {
  readonly environment: JobVariables;
  readonly row: AggregateRow;
  readonly file: string;
  readonly result: { readonly name: string; readonly value: unknown };
}

/** Adds measured power to a row; the row is kept if that fails. */
async function powerOf(folder: string, { environment, row, file, result }: MeasuredRow): Promise<AddedPower> {
  const at = (variable: string, otherwise: string) => {
    const path = environment[variable] || otherwise;
    return isAbsolute(path) ? path : join(folder, path);
  };
  const gpus = gpusOfRow(row);
  const files = { result, aggResult: file };
  const powerDir = at('POWER_ARTIFACT_DIR', 'LOGS/power');
  const csv = at('GPU_METRICS_CSV', 'gpu_metrics.csv');
  try {
    if (!row.is_multinode) return await addPower({ ...files, csv, expectedGpus: gpus.all });
    return await addPowerOfNodes({
      ...files,
      powerDir,
      logsRoot: at('POWER_RESULT_ROOT', 'LOGS'),
      gpus: { prefill: row.num_prefill_gpu ?? 0, decode: row.num_decode_gpu ?? 0 },
      expectedCommit: environment.POWER_PRODUCER_SHA || (await stampIn(folder)),
    });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const source = row.is_multinode ? powerDir : csv;
    return await writePower(files, unjudgedPower(source, result, gpus.all, error), withoutRow);
  }
}

/** The commit of the power sampling program, as recorded by a launcher. */
async function stampIn(folder: string): Promise<string | undefined> {
  const text = await textOf(join(folder, 'power-producer-sha.txt'));
  return text?.trim() || undefined;
}

const datedResult = z.looseObject({
  benchmark_start_time_unix: z.unknown().optional(),
  date: z.unknown().optional(),
  fidelity: z.unknown().optional(),
});
/** Public results with this date or a later one follow the contract of August. */
const firstOfAugust = '20260801';

/** Whether a raw result follows the contract of August: it has start and end times, or is dated after they became mandatory. */
function followsAugust(raw: unknown): boolean {
  const { data } = datedResult.safeParse(raw);
  if (data?.benchmark_start_time_unix !== undefined) return true;
  const { date, fidelity } = data ?? {};
  return fidelity === undefined && typeof date === 'string' && date >= firstOfAugust;
}

const longestRaw = 256 * 1024 * 1024;

async function readRaw(file: string): Promise<unknown> {
  try {
    return jsonValue(file, textOfBytes(file, await bytesOfFile(file, longestRaw)));
  } catch (error) {
    throw new WorkError(`cannot read the raw result ${file}: ${reasonFor(error)}`, {
      code: 'file-unreadable',
      cause: error,
      hint: 'RESULT_FILENAME is the name of the raw result without .json, in the folder the command runs in',
    });
  }
}
