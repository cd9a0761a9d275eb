import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError, messageOf } from '../errors.ts';
import { type AggregateRow, aggregateRowSchema } from '../results/index.ts';
import type { PointTable, SweepTable } from './schema.ts';

const sweepSchema = z.object({
  sweepId: z.string(),
  createdAt: z.iso.datetime(),
  command: z.string().default(''),
});

const rawSchema = z.looseObject({
  date: z.string(),
  fidelity: z.looseObject({ verdict: z.enum(['valid', 'suspect', 'invalid']) }).optional(),
});

/** A file of a run directory that is not what it should be; the rest of the run is not affected. */
export interface QuarantinedFile {
  readonly file: string;
  readonly reason: string;
}

/** What a run directory holds, ready for the store. */
export interface RunFiles {
  readonly sweep: SweepTable;
  readonly points: readonly PointTable[];
  readonly quarantined: readonly QuarantinedFile[];
}

/** Reads a run directory (ARCHITECTURE.md, "A sweep on disk"). Throws InputError when it holds no sweep. */
export async function readRun(runDirectory: string): Promise<RunFiles> {
  const sweep = await readSweep(runDirectory);
  const names = await readdir(join(runDirectory, 'agg')).catch(() => []);
  const quarantined: QuarantinedFile[] = [];
  const points: PointTable[] = [];
  for (const name of names.filter((file) => /^agg_.+\.json$/.test(file)).toSorted()) {
    try {
      points.push(await readPoint(runDirectory, name, sweep.id));
    } catch (error) {
      const reason = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
      quarantined.push({ file: join('agg', name), reason });
    }
  }
  return { sweep, points, quarantined };
}

async function readSweep(runDirectory: string): Promise<SweepTable> {
  const file = join(runDirectory, 'sweep.json');
  try {
    const { sweepId, createdAt, command } = sweepSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    return { id: sweepId, created_at: createdAt, command };
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new InputError([{ file, message: `not a sweep: ${reason}` }]);
  }
}

async function readPoint(runDirectory: string, name: string, sweepId: string): Promise<PointTable> {
  const rowText = await readFile(join(runDirectory, 'agg', name), 'utf8');
  const rawText = await readFile(join(runDirectory, 'raw', name.slice('agg_'.length)), 'utf8');
  const row = aggregateRowSchema.parse(JSON.parse(rowText));
  const raw = rawSchema.parse(JSON.parse(rawText));
  return {
    id: createHash('sha256').update(rawText).digest('hex'),
    sweep_id: sweepId,
    measured_at: isoDate(raw.date),
    hw: row.hw,
    framework: row.framework,
    precision: row.precision,
    model_prefix: row.infmax_model_prefix,
    spec_decoding: row.spec_decoding,
    isl: row.isl,
    osl: row.osl,
    conc: row.conc,
    layout: JSON.stringify(layoutOf(row)),
    verdict: raw.fidelity?.verdict ?? 'valid',
    row: JSON.stringify(row),
    raw: JSON.stringify(raw),
  };
}

/** The parallelism of a row: everything but its identity, its concurrency and its measurements. */
function layoutOf(row: AggregateRow): Record<string, string | number | boolean> {
  const fields = Object.entries(row).filter(([name]) =>
    /^(tp|ep|dp_attention|disagg|prefill_|decode_|num_)/.test(name),
  );
  return Object.fromEntries(fields);
}

/** The public raw result's `YYYYMMDD-HHMMSS` in local time, or any date that JavaScript reads. */
function isoDate(date: string): string {
  const compact = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)$/.exec(date);
  const parsed =
    compact === null
      ? new Date(date)
      : new Date(date.replace(/^(....)(..)(..)-(..)(..)(..)$/, '$1-$2-$3T$4:$5:$6'));
  if (Number.isNaN(parsed.getTime())) throw new Error(`date '${date}' is not a date`);
  return parsed.toISOString();
}
