import type { Kysely } from 'kysely';
import { z } from 'zod';
import {
  type ApiSubject,
  askedSubject,
  type SubjectFilter,
  subjectColumnNames,
  subjectOfColumns,
} from '../../identity/index.ts';
import { rawText } from '../documents.ts';
import type { Schema } from '../schema.ts';
import { type Page, type PageRequest, pageLimit, pageOf, positionOf } from './page.ts';

/** One score of one accuracy task. */
export interface StoredEval extends ApiSubject {
  readonly id: string;
  readonly sweepId: string | null;
  /** ISO 8601. */
  readonly measuredAt: string;
  readonly task: string;
  /** The name of the score, such as `em_strict`. */
  readonly metric: string;
  /** 0 to 1; null if there was nothing to judge. */
  readonly score: number | null;
  /** Its standard error. */
  readonly scoreSe: number | null;
  /** Its 95 % interval. */
  readonly scoreInterval: readonly [low: number, high: number] | null;
  /** Questions answered. */
  readonly n: number | null;
  /** Scores are comparable only if the task's revision is the same. */
  readonly revision: string | null;
  /** `complete` or `incomplete`; null if unknown. */
  readonly state: string | null;
  /** `pass`, `fail` or `not-judged`, and the reason; null without a gate. */
  readonly gate: string | null;
  readonly gateReason: string | null;
  readonly source: string | null;
}

/** A filter of scores: those that match every given value. */
export interface EvalFilter extends SubjectFilter {
  readonly task?: string | undefined;
}

const documentSchema = z.record(z.string(), z.unknown());

/** Scores, newest first. */
export async function evalsPage(
  db: Kysely<Schema>,
  filter: EvalFilter = {},
  page: PageRequest = {},
): Promise<Page<StoredEval>> {
  const limit = pageLimit(page);
  const after = positionOf(page);
  let query = db
    .selectFrom('evals')
    .leftJoin('sweeps', 'sweeps.id', 'evals.sweep_id')
    .select(['evals.id', 'evals.key', 'measured_at', 'task', 'metric', 'score', 'score_se'])
    .select(subjectColumnNames.map((column) => `evals.${column}` as const))
    .select([
      'score_low',
      'score_high',
      'n',
      'revision',
      'evals.state',
      'gate',
      'gate_reason',
      'evals.source',
    ])
    .select('sweeps.key as sweep_key');
  for (const { column, value } of askedSubject(filter)) query = query.where(`evals.${column}`, '=', value);
  if (filter.task !== undefined) query = query.where('evals.task', '=', filter.task);
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
      ...subjectOfColumns(row),
      task: row.task,
      metric: row.metric,
      score: row.score,
      scoreSe: row.score_se,
      n: row.n,
      scoreInterval:
        row.score_low === null || row.score_high === null ? null : [row.score_low, row.score_high],
      revision: row.revision,
      state: row.state,
      gate: row.gate,
      gateReason: row.gate_reason,
      source: row.source,
    }),
  );
}

/** When something was last scored on each kind of hardware, ISO 8601. */
export async function lastScored(db: Kysely<Schema>): Promise<ReadonlyMap<string, string>> {
  const rows = await db
    .selectFrom('evals')
    .select('hw')
    .select(({ fn }) => fn.max('measured_at').as('newest'))
    .where('score', 'is not', null)
    .groupBy('hw')
    .orderBy('hw')
    .execute();
  return new Map(rows.map(({ hw, newest }) => [hw, new Date(Number(newest)).toISOString()]));
}

/**
 * Everything stored about one score, such as each question with its answer; undefined if it does not exist.
 */
export async function evalDocument(
  db: Kysely<Schema>,
  id: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const found = await db.selectFrom('evals').select('document').where('key', '=', id).executeTakeFirst();
  return found === undefined ? undefined : documentSchema.parse(JSON.parse(rawText(found.document)));
}
