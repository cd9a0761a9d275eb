import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../errors.ts';
import { type AggregateRow, aggregateRowSchema, reasonOf } from '../results/index.ts';
import type { MeasurementTable, PointTable, SweepTable } from './schema.ts';

const sweepSchema = z.object({
  sweepId: z.string(),
  createdAt: z.iso.datetime(),
  command: z.string().default(''),
});

/** Whether a measurement can be trusted; an invalid one is kept and never published. */
export const verdictSchema = z.enum(['valid', 'suspect', 'invalid']);

const fidelitySchema = z
  .looseObject({ verdict: verdictSchema, reasons: z.array(z.string()).default([]) })
  .default({ verdict: 'suspect', reasons: ['the client that measured it did not record its own fidelity'] });

const rawSchema = z.looseObject({
  date: z.string(),
  started_at: z.number().optional(),
  fidelity: fidelitySchema,
});

/** A file of a run directory that is not what it should be; the rest of the run is not affected. */
export interface QuarantinedFile {
  readonly file: string;
  readonly reason: string;
}

/** A measurement, and the point it became unless it is invalid. */
export interface Measured {
  /** The file it was read from, below the run directory. */
  readonly file: string;
  readonly measurement: MeasurementTable;
  readonly point?: PointTable;
}

/** What a run directory holds, ready for the store. */
export interface RunFiles {
  readonly sweep: SweepTable;
  readonly measured: readonly Measured[];
  readonly quarantined: readonly QuarantinedFile[];
}

/** Reads a run directory (ARCHITECTURE.md, "A sweep on disk"). Throws InputError when it holds no sweep. */
export async function readRun(runDirectory: string): Promise<RunFiles> {
  const sweep = await readSweep(runDirectory);
  const [raws, rows] = await Promise.all([
    jsonNames(join(runDirectory, 'raw')),
    jsonNames(join(runDirectory, 'agg')),
  ]);
  const quarantined: QuarantinedFile[] = [];
  const measured: Measured[] = [];
  for (const name of raws) {
    const rowName = `agg_${name}`;
    const file = join('raw', name);
    try {
      measured.push(
        await readMeasured(runDirectory, file, rows.has(rowName) ? rowName : undefined, sweep.id),
      );
    } catch (error) {
      quarantined.push({ file, reason: reasonOf(error) });
    }
  }
  for (const name of rows) {
    if (!raws.has(name.replace(/^agg_/, '')))
      quarantined.push({ file: join('agg', name), reason: 'its raw result is not there' });
  }
  return { sweep, measured, quarantined };
}

async function jsonNames(folder: string): Promise<Set<string>> {
  const names = await readdir(folder).catch(() => []);
  return new Set(names.filter((name) => name.endsWith('.json')).toSorted());
}

async function readSweep(runDirectory: string): Promise<SweepTable> {
  const file = join(runDirectory, 'sweep.json');
  try {
    const { sweepId, createdAt, command } = sweepSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    return { id: sweepId, created_at: createdAt, command };
  } catch (error) {
    throw new InputError([{ file, message: `not a sweep: ${reasonOf(error)}` }]);
  }
}

async function readMeasured(
  runDirectory: string,
  file: string,
  rowName: string | undefined,
  sweepId: string,
): Promise<Measured> {
  const text = await readFile(join(runDirectory, file), 'utf8');
  const raw = rawSchema.parse(JSON.parse(text));
  const { verdict, reasons } = raw.fidelity;
  const shared = {
    id: createHash('sha256').update(text).digest('hex'),
    sweep_id: sweepId,
    measured_at: measuredAt(raw),
    verdict,
  };
  const measurement = { ...shared, reasons: JSON.stringify(reasons), raw: JSON.stringify(raw) };
  if (rowName === undefined) {
    if (verdict === 'invalid') return { file, measurement };
    throw new Error('it has no aggregate row');
  }
  const row = await readRow(join(runDirectory, 'agg', rowName));
  return { file, measurement, point: { ...shared, ...columnsOf(row) } };
}

async function readRow(file: string): Promise<AggregateRow> {
  try {
    return aggregateRowSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new Error(`its aggregate row is none: ${reasonOf(error)}`);
  }
}

function columnsOf(row: AggregateRow) {
  return {
    hw: row.hw,
    framework: row.framework,
    precision: row.precision,
    model_prefix: row.infmax_model_prefix,
    spec_decoding: row.spec_decoding,
    isl: row.isl,
    osl: row.osl,
    conc: row.conc,
    layout: JSON.stringify(layoutOf(row)),
    row: JSON.stringify(row),
  };
}

/** The parallelism of a row: everything but its identity, its concurrency and its measurements. */
function layoutOf(row: AggregateRow): Record<string, string | number | boolean> {
  const fields = Object.entries(row).filter(([name]) =>
    /^(tp|ep|dp_attention|disagg|prefill_|decode_|num_)/.test(name),
  );
  return Object.fromEntries(fields);
}

/** When a measurement was begun: our exact time, else the public `YYYYMMDD-HHMMSS` in local time. */
function measuredAt({ started_at: startedAtS, date }: z.infer<typeof rawSchema>): string {
  const compact = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)$/;
  const measured = new Date(
    startedAtS === undefined ? date.replace(compact, '$1-$2-$3T$4:$5:$6') : startedAtS * 1000,
  );
  if (Number.isNaN(measured.getTime())) throw new Error(`date '${date}' is not a date`);
  return measured.toISOString();
}
