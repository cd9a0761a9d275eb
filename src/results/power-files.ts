import { basename, dirname, join } from 'node:path';
import { writeFileAtomically } from '../atomic-file.ts';
import { bytesOfFile, NotAFile } from '../bounded-read.ts';
import { defined } from '../defined/defined.ts';
import { InputError, messageOf, WorkError } from '../errors.ts';
import {
  type BenchmarkResult,
  type JudgedPower,
  type PowerAudit,
  type PowerReason,
  powerReasons,
  rowWithPower,
} from '../power/index.ts';
import { jsonValue } from './json-text.ts';

/** The benchmark that power is added to. */
export interface PoweredBenchmark {
  readonly result: BenchmarkResult;
  /** The row to which the figures are added. */
  readonly aggResult: string;
  /** Default: `power_validation_<benchmark result>.json` beside the row. */
  readonly auditFile?: string;
}

export interface AddedPower {
  readonly auditFile: string;
  readonly audit: PowerAudit;
  /** The row as it was written; absent if there was none, or if it is not a JSON object. */
  readonly row?: Readonly<Record<string, unknown>>;
}

/**
 * Adds measured power to a row, and writes the audit (contract F11).
 * Unusable power is not an error: the row records it, and the audit says why.
 */
export async function writePower<Audit extends PowerAudit>(
  { result, aggResult, auditFile = auditBeside(aggResult, result.name) }: PoweredBenchmark,
  judged: JudgedPower<Audit>,
  withoutRow: (audit: Audit, reason: PowerReason) => Audit,
): Promise<AddedPower> {
  const text = await textOf(aggResult);
  const row = text === undefined ? undefined : rowWithPower(jsonOf(aggResult, text), judged.metrics);
  const reason = text === undefined ? 'aggregate_result_missing' : 'aggregate_result_unwritable';
  const audit = row === undefined ? withoutRow(judged.audit, reason) : judged.audit;
  if (row !== undefined) await write(aggResult, row);
  await write(auditFile, audit);
  return { auditFile, audit, ...defined({ row }) };
}

function auditBeside(aggResult: string, benchResult: string): string {
  return join(dirname(aggResult), `power_validation_${basename(benchResult)}`);
}

/** Whether a job requires usable power. */
export function isPowerRequired(environment: Readonly<Record<string, string | undefined>>): boolean {
  return ['1', 'true', 'yes'].includes(environment.REQUIRE_POWER?.trim().toLowerCase() ?? '');
}

/** Throws WorkError with every reason why power cannot be used. */
export function requireValid({ audit, auditFile }: AddedPower): void {
  if (audit.power_valid) return;
  throw new WorkError(`measured power cannot be used: ${reasonsInWords(audit)}`, {
    code: 'not-a-result',
    hint: `power is required here; ${auditFile} has the details`,
  });
}

/** Each reason with what it means: `telemetry_file_missing (there is no file of power samples)`. */
export function reasonsInWords({ reasons }: PowerAudit): string {
  return reasons.map((reason) => `${reason} (${powerReasons[reason]})`).join(', ');
}

/** A benchmark result; the value is undefined if there is none, or if it is not JSON. */
export async function benchmarkResult(file: string): Promise<BenchmarkResult> {
  const text = await textOf(file);
  return { name: file, value: text === undefined ? undefined : jsonOf(file, text) };
}

/** A day of eight GPUs at ten samples a second is a third of it. */
const longestFile = 256 * 1024 * 1024;

/** Undefined for a missing file. Throws InputError with the file if it cannot be read. */
export async function textOf(file: string): Promise<string | undefined> {
  try {
    return (await bytesOfFile(file, longestFile)).toString('utf8');
  } catch (error) {
    if (error instanceof NotAFile || isAbsent(error)) return undefined;
    throw new InputError([{ file, message: `cannot be read: ${messageOf(error)}` }], undefined, {
      code: 'file-unreadable',
    });
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

/** Undefined if the text is not JSON. */
export function jsonOf(file: string, text: string): unknown {
  try {
    return jsonValue(file, text);
  } catch {
    return undefined;
  }
}

async function write(file: string, content: unknown): Promise<void> {
  await writeFileAtomically(file, `${JSON.stringify(content, null, 2)}\n`);
}
