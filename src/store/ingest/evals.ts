import type { Insertable } from 'kysely';
import { z } from 'zod';
import type { EvalTable } from '../schema.ts';
import { sha256 } from './measured.ts';

/** One accuracy score in the form of the public eval rows; what else it has is kept as it is. */
const evalRowSchema = z.looseObject({
  model: z.string(),
  model_prefix: z.string().optional(),
  hw: z.string(),
  framework: z.string(),
  precision: z.string(),
  spec_decoding: z.string().default('none'),
  tp: z.int().nullish(),
  ep: z.int().nullish(),
  conc: z.int().nullish(),
  dp_attention: z.union([z.string(), z.boolean()]).nullish(),
  task: z.string(),
  score: z.number(),
  score_name: z.string(),
  score_se: z.number().nullish(),
  n_eff: z.int().nullish(),
  source: z.string().nullish(),
  timestamp: z.iso.datetime({ offset: true }),
});

/** Eval rows: one, or a list of them. */
export const evalRowsSchema = z.union([
  z.array(evalRowSchema).min(1),
  evalRowSchema.transform((row) => [row]),
]);

export type IncomingEval = Omit<Insertable<EvalTable>, 'sweep_id'>;

/** An eval row, ready for the store; hardware in lower case as in aggregate rows. */
export function incomingEval(row: z.infer<typeof evalRowSchema>): IncomingEval {
  const document = JSON.stringify(row, Object.keys(row).sort());
  return {
    key: sha256(document),
    measured_at: Date.parse(row.timestamp),
    model_prefix: row.model_prefix ?? null,
    model: row.model,
    hw: row.hw.toLowerCase(),
    framework: row.framework,
    precision: row.precision,
    spec_decoding: row.spec_decoding === '' ? 'none' : row.spec_decoding,
    tp: row.tp ?? null,
    ep: row.ep ?? null,
    conc: row.conc ?? null,
    dp_attention: row.dp_attention == null ? null : String(row.dp_attention).toLowerCase(),
    task: row.task,
    metric: row.score_name,
    score: row.score,
    score_se: row.score_se ?? null,
    n: row.n_eff ?? null,
    source: row.source ?? null,
    document,
  };
}
