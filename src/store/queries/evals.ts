import type { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';
import { type Page, type PageRequest, pageLimit, pageOf, positionOf } from './page.ts';

/** One score of one accuracy task. */
export interface StoredEval {
  readonly id: string;
  readonly sweepId: string | null;
  /** ISO 8601. */
  readonly measuredAt: string;
  readonly modelPrefix: string | null;
  readonly model: string;
  readonly hw: string;
  readonly framework: string;
  readonly precision: string;
  readonly specDecoding: string;
  readonly tp: number | null;
  readonly ep: number | null;
  readonly dpAttention: string | null;
  readonly conc: number | null;
  readonly task: string;
  /** What the score is, such as `em_strict`. */
  readonly metric: string;
  /** 0 to 1. */
  readonly score: number;
  /** Its standard error. */
  readonly scoreSe: number | null;
  /** Questions answered. */
  readonly n: number | null;
  readonly source: string | null;
}

/** Which scores are wanted: those that have every value given. */
export interface EvalFilter {
  readonly modelPrefix?: string | undefined;
  readonly model?: string | undefined;
  readonly hw?: string | undefined;
  readonly framework?: string | undefined;
  readonly precision?: string | undefined;
  readonly task?: string | undefined;
}

const columns = {
  modelPrefix: 'evals.model_prefix',
  model: 'evals.model',
  hw: 'evals.hw',
  framework: 'evals.framework',
  precision: 'evals.precision',
  task: 'evals.task',
} as const;

/** Scores, newest first. */
export async function evalsPage(
  db: Kysely<Schema>,
  filter: EvalFilter,
  page: PageRequest,
): Promise<Page<StoredEval>> {
  const limit = pageLimit(page);
  const after = positionOf(page);
  let query = db
    .selectFrom('evals')
    .leftJoin('sweeps', 'sweeps.id', 'evals.sweep_id')
    .selectAll('evals')
    .select('sweeps.key as sweep_key');
  for (const [name, column] of Object.entries(columns)) {
    const value = filter[name as keyof EvalFilter];
    if (value !== undefined) query = query.where(column, '=', value);
  }
  if (after !== undefined) {
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('evals.measured_at', 'evals.id'), '<', tuple(...after)),
    );
  }
  const rows = await query
    .orderBy('evals.measured_at', 'desc')
    .orderBy('evals.id', 'desc')
    .limit(limit + 1)
    .execute();
  return pageOf(
    rows,
    limit,
    (row) => [row.measured_at, row.id],
    (row) => ({
      id: row.key,
      sweepId: row.sweep_key,
      measuredAt: new Date(row.measured_at).toISOString(),
      modelPrefix: row.model_prefix,
      ...{ model: row.model, hw: row.hw, framework: row.framework, precision: row.precision },
      specDecoding: row.spec_decoding,
      ...{ tp: row.tp, ep: row.ep, dpAttention: row.dp_attention, conc: row.conc },
      ...{ task: row.task, metric: row.metric, score: row.score, scoreSe: row.score_se, n: row.n },
      source: row.source,
    }),
  );
}
