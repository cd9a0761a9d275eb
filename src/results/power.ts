import { basename, dirname, join } from 'node:path';
import { writeFileAtomically } from '../atomic-file.ts';
import { bytesOfFile } from '../bounded-read.ts';
import { defined } from '../defined/defined.ts';
import { WorkError } from '../errors.ts';
import {
  type NodePower,
  type PowerAudit,
  powerOfNode,
  powerReasons,
  rowWithPower,
  withoutRow,
} from '../power/index.ts';
import { jsonValue } from './json-text.ts';

/** The files that measured power of one node is worked out from, and those that it is written to. */
export interface PowerRequest {
  /** The samples: a table of nvidia-smi or amd-smi. */
  readonly csv: string;
  readonly benchResult: string;
  /** The row, which gets the figures. */
  readonly aggResult: string;
  readonly expectedGpus: number;
}

export interface AddedPower {
  readonly auditFile: string;
  readonly audit: PowerAudit;
  /** The row as it was written; absent if there was none, or it is no JSON object. */
  readonly row?: Readonly<Record<string, unknown>>;
}

/**
 * Adds measured power to a row, and writes the audit `power_validation_<benchmark result>.json` beside it (contract F11).
 * Power that cannot be used is no error: the row says so, and the audit says why.
 */
export async function addPower(request: PowerRequest): Promise<AddedPower> {
  const { aggResult, benchResult } = request;
  const judged = powerOfNode(await powerFiles(request));
  const row = await textOf(aggResult);
  const published = row === undefined ? undefined : rowWithPower(jsonOf(aggResult, row), judged.metrics);
  const { audit } =
    published === undefined
      ? withoutRow(judged, row === undefined ? 'aggregate_result_missing' : 'aggregate_result_unwritable')
      : judged;
  if (published !== undefined) await write(aggResult, published);
  const auditFile = join(dirname(aggResult), `power_validation_${basename(benchResult)}`);
  await write(auditFile, audit);
  return { auditFile, audit, ...defined({ row: published }) };
}

/** Throws WorkError with every reason why power cannot be used. */
export function requireValid({ audit, auditFile }: AddedPower): void {
  if (audit.power_valid) return;
  throw new WorkError(`measured power cannot be used: ${reasonsInWords(audit)}`, {
    hint: `power is required here; ${auditFile} has the details`,
  });
}

/** Each reason with what it means: `telemetry_file_missing (there is no file of power samples)`. */
export function reasonsInWords({ reasons }: PowerAudit): string {
  return reasons.map((reason) => `${reason} (${powerReasons[reason]})`).join(', ');
}

async function powerFiles({ csv, benchResult, expectedGpus }: PowerRequest): Promise<NodePower> {
  const stem = csv.replace(/\.csv$/, '');
  const result = await textOf(benchResult);
  return {
    telemetry: { name: csv, text: await samplesIn(csv) },
    counters: {
      start: await textOf(`${stem}_energy_start.csv`),
      end: await textOf(`${stem}_energy_end.csv`),
    },
    result: { name: benchResult, value: result === undefined ? undefined : jsonOf(benchResult, result) },
    expectedGpus,
  };
}

/** A day of eight GPUs at ten samples a second is a third of it. */
const longestFile = 256 * 1024 * 1024;

async function samplesIn(csv: string): Promise<NodePower['telemetry']['text']> {
  try {
    return (await textOf(csv)) ?? { reason: 'telemetry_file_missing' };
  } catch {
    return { reason: 'telemetry_file_unreadable' };
  }
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return (await bytesOfFile(file, longestFile)).toString('utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Undefined for what is no JSON. */
function jsonOf(file: string, text: string): unknown {
  try {
    return jsonValue(file, text);
  } catch {
    return undefined;
  }
}

async function write(file: string, content: unknown): Promise<void> {
  await writeFileAtomically(file, `${JSON.stringify(content, null, 2)}\n`);
}
