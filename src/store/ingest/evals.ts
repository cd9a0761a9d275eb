import type { Insertable } from 'kysely';
import { z } from 'zod';
import { publicSubjectShape, subjectColumns } from '../../identity/index.ts';
import { rawBytes } from '../documents.ts';
import type { EvalTable } from '../schema.ts';
import { sha256 } from './measured.ts';
import { requireStorable } from './storable.ts';

/** One accuracy score: a public eval row, or one of our records, which has the same fields and more. */
const evalRowSchema = z.looseObject({
  ...publicSubjectShape,
  task: z.string(),
  score: z.number().nullable(),
  score_name: z.string(),
  score_se: z.number().nullish(),
  score_ci95: z.tuple([z.number(), z.number()]).nullish(),
  n_eff: z.int().nullish(),
  revision: z.string().nullish(),
  state: z.string().nullish(),
  gate: z.looseObject({ verdict: z.string(), reason: z.string() }).nullish(),
  source: z.string().nullish(),
  timestamp: z.iso.datetime({ offset: true }).optional(),
});

export type IncomingEval = Omit<Insertable<EvalTable>, 'sweep_id'>;

/** Whether a JSON value is an eval row. */
export function isEvalRow(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'score_name' in value && 'task' in value;
}

/**
 * Converts an eval row for the store, with its hardware in lower case as in aggregate rows. Throws a ZodError
 * if it is not an eval row. Without a time, the one in its source's name is used.
 */
export function incomingEval(value: unknown, fileTime: number): IncomingEval {
  const row = evalRowSchema.parse(value);
  requireStorable(row);
  return {
    key: sha256(JSON.stringify(value)),
    measured_at: row.timestamp === undefined ? timeOfSource(row.source, fileTime) : Date.parse(row.timestamp),
    ...subjectColumns(row),
    task: row.task,
    metric: row.score_name,
    score: row.score,
    score_se: row.score_se ?? null,
    score_low: row.score_ci95?.[0] ?? null,
    score_high: row.score_ci95?.[1] ?? null,
    n: row.n_eff ?? null,
    revision: row.revision ?? null,
    state: row.state ?? null,
    gate: row.gate?.verdict ?? null,
    gate_reason: row.gate?.reason ?? null,
    source: row.source ?? null,
    document: rawBytes(JSON.stringify(value)),
  };
}

/** lm-eval's file names contain the time: `results_2026-02-19T16-05-08.926949.json`, in UTC. */
function timeOfSource(source: string | null | undefined, fileTime: number): number {
  const [, day, hour, minute, second] =
    /results_(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)/.exec(source ?? '') ?? [];
  if (day === undefined) return fileTime;
  const at = Date.parse(`${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(at)) throw new Error(`source: ${day}T${hour}:${minute}:${second} is not a time`);
  return at;
}
