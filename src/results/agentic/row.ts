import { join, resolve, sep } from 'node:path';
import { writeFileAtomically } from '../../atomic-file.ts';
import { bytesOfFile } from '../../bounded-read.ts';
import { defined } from '../../defined/defined.ts';
import { WorkError } from '../../errors.ts';
import { agenticJob, type JobVariables } from '../../identity/index.ts';
import { jsonValue, textOfBytes } from '../json-text.ts';
import { type AddedPower, isPowerRequired } from '../power-files.ts';
import { artifactsIn, isFile, serverLogs } from './artifacts.ts';
import { expectedOutput } from './expected-output.ts';
import { roundedFigures, sumOf } from './figures.ts';
import { addAgenticPower } from './power.ts';
import { type AgenticRecord, countsOf, readRecords } from './records.ts';
import { requestMetrics } from './request-metrics.ts';
import { serverMetrics } from './server/index.ts';

/** A written agentic row, and its file. */
export interface AgenticRow {
  readonly file: string;
  readonly row: Readonly<Record<string, unknown>>;
  /** If power was sampled. */
  readonly power?: AddedPower;
}

const longestSummary = 256 * 1024 * 1024;

/**
 * Creates the row of an agentic run from the exports of its load client, the metrics and logs of its server, and the
 * environment of its job, and writes it as `<RESULT_FILENAME>.json` (contract F7). Throws WorkError for a missing or
 * invalid variable and for missing exports, InputError for exports that cannot be read.
 */
export async function processAgentic(
  { resultDir, outputDir }: { readonly resultDir: string; readonly outputDir: string },
  environment: JobVariables,
): Promise<AgenticRow> {
  const file = rowFile(outputDir, environment);
  const { row, gpus } = await agenticRow({ resultDir, logs: await serverLogs(resultDir) }, environment);
  await writeFileAtomically(file, `${JSON.stringify(row, null, 2)}\n`);
  const isSampled = await isFile(join(resultDir, 'gpu_metrics.csv'));
  if (!isSampled && !isPowerRequired(environment)) return { file, row };
  const power = await addAgenticPower({ resultDir, aggResult: file, expectedGpus: gpus });
  return { file, row: power.row ?? row, power };
}

/** The exports of a run in a folder, and the texts of its server's logs. */
export interface AgenticRun {
  readonly resultDir: string;
  readonly logs: readonly string[];
}

/** The row of an agentic run without power, and the GPUs of its engine. Throws like `processAgentic`. */
export async function agenticRow(
  { resultDir, logs }: AgenticRun,
  environment: JobVariables,
): Promise<{ readonly row: AgenticRow['row']; readonly gpus: number }> {
  const job = agenticJob(environment);
  const artifacts = await artifactsIn(resultDir);
  const { records, accounting } = await readRecords(artifacts.records);
  const summary = await objectIn(artifacts.summary);
  const server = serverMetrics({
    file: artifacts.serverMetrics,
    exported: await objectIn(artifacts.serverMetrics),
    framework: job.framework,
    logs,
    client: {
      promptTokens: tokensOf(records, 'input_sequence_length'),
      generatedTokens: tokensOf(records, 'output_sequence_length'),
      requests: records.length,
    },
  });
  const row = {
    ...job.point,
    num_requests_total: accounting.records_total,
    num_requests_successful: records.length,
    request_accounting: accounting,
    ...defined({ dataset: datasetIn(summary) }),
    request_metrics: requestMetrics(records, {
      gpus: job.gpus,
      summary,
      expectedOutput: await expectedOutput(records, environment),
    }),
    server_metrics: server.figures,
    kv_cache_pool_tokens: server.figures.kv_cache.gpu_total_tokens,
    ...defined({ warnings: server.warnings.length === 0 ? undefined : server.warnings }),
  };
  const published = Object.entries(row).map(([name, value]) => [name, roundedFigures(value)]);
  return { row: Object.fromEntries(published), gpus: job.gpus };
}

function rowFile(outputDir: string, { RESULT_FILENAME: name = '' }: JobVariables): string {
  if (name === '') {
    throw new WorkError('missing environment variable: RESULT_FILENAME', {
      code: 'bad-variable',
      hint: 'it is the name of the row without .json',
    });
  }
  const file = join(outputDir, `${name}.json`);
  if (!resolve(file).startsWith(join(resolve(outputDir), sep))) {
    throw new WorkError(`RESULT_FILENAME points outside the folder: ${name}`, { code: 'bad-variable' });
  }
  return file;
}

/** The JSON object in a file; undefined if there is no file. */
async function objectIn(file: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (!(await isFile(file))) return undefined;
  const value = jsonValue(file, textOfBytes(file, await bytesOfFile(file, longestSummary)));
  return isObject(value) ? value : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function datasetIn(summary: Readonly<Record<string, unknown>> | undefined): unknown {
  const metadata = summary?.metadata;
  const dataset = isObject(metadata) ? metadata.dataset : undefined;
  return isObject(dataset) ? dataset : undefined;
}

/** The sum of a count over all records; null if none has it. */
function tokensOf(records: readonly AgenticRecord[], name: string): number | null {
  const counts = countsOf(records, name);
  return counts.length === 0 ? null : sumOf(counts);
}
