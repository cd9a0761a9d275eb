import type { Kysely } from 'kysely';
import type { StoredVerdict } from '../ingest/incoming.ts';
import type { Schema } from '../schema.ts';
import { type Page, type PageRequest, pageLimit, pageOf, positionOf } from './page.ts';

/** A stored sweep with its number of measurements by verdict. */
export interface StoredSweep {
  readonly id: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** The command that started it, such as `quickstart`. */
  readonly command: string;
  /** `run` for a run directory, `artifact` for that of a CI run, `import` for another tool's results. */
  readonly source: string;
  readonly gitSha: string | null;
  readonly gitRef: string | null;
  /** URL of the CI run. */
  readonly url: string | null;
  /** Number of planned points; null if the plan is unknown. */
  readonly planned: number | null;
  /** `running`, `finished`, `interrupted` or `unknown`. */
  readonly state: string;
  readonly measurements: Readonly<Record<StoredVerdict, number>>;
}

/** One attempt at one point. */
export interface StoredAttempt {
  readonly sessionId: string;
  readonly pointId: string;
  readonly attempt: number;
  readonly conc: number | null;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** `running`, `finished`, `failed` or `interrupted`. */
  readonly outcome: string;
  readonly failureClass: string | null;
  readonly message: string | null;
  readonly measurementId: string | null;
}

/** One start of an engine. */
export interface StoredEngineSession {
  readonly sessionId: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** Null if it never became ready. */
  readonly readyAfterS: number | null;
  readonly hw: string;
  readonly framework: string;
  readonly image: string;
  readonly model: string;
  /** `running`, `stopped` or `failed`. */
  readonly outcome: string;
  readonly failureClass: string | null;
  readonly message: string | null;
  /** The engine's log, relative to the run directory. */
  readonly log: string | null;
}

/** A sweep with its engine sessions and attempts. */
export interface StoredSweepDetail extends StoredSweep {
  readonly sessions: readonly StoredEngineSession[];
  readonly attempts: readonly StoredAttempt[];
}

function sweepRows(db: Kysely<Schema>) {
  return db
    .selectFrom('sweeps')
    .select(['sweeps.id as rowid', 'sweeps.key', 'created_at', 'command', 'source', 'git_sha', 'git_ref'])
    .select(['url', 'planned', 'state']);
}
type SweepRow = Awaited<ReturnType<ReturnType<typeof sweepRows>['execute']>>[number];

/** Sweeps, newest first. */
export async function sweepsPage(db: Kysely<Schema>, page: PageRequest): Promise<Page<StoredSweep>> {
  const limit = pageLimit(page);
  const after = positionOf(page);
  let query = sweepRows(db);
  if (after !== undefined) {
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('sweeps.created_at', 'sweeps.id'), '<', tuple(...after)),
    );
  }
  const rows = await query
    .orderBy('sweeps.created_at', 'desc')
    .orderBy('sweeps.id', 'desc')
    .limit(limit + 1)
    .execute();
  const counts = await countsOf(db, rows);
  return pageOf(
    rows,
    limit,
    (row) => [row.created_at, row.rowid],
    (row) => sweepOf(row, counts),
  );
}

/** Every sweep, newest first. */
export async function allSweeps(db: Kysely<Schema>): Promise<StoredSweep[]> {
  const rows = await sweepRows(db)
    .orderBy('sweeps.created_at', 'desc')
    .orderBy('sweeps.id', 'desc')
    .execute();
  const counts = await countsOf(db, rows);
  return rows.map((row) => sweepOf(row, counts));
}

/** One sweep with its engine sessions and attempts; undefined if the store does not have it. */
export async function sweepById(db: Kysely<Schema>, id: string): Promise<StoredSweepDetail | undefined> {
  const row = await sweepRows(db).where('sweeps.key', '=', id).executeTakeFirst();
  if (row === undefined) return undefined;
  const sessions = await db
    .selectFrom('engine_sessions')
    .selectAll()
    .where('sweep_id', '=', row.rowid)
    .orderBy('started_at')
    .orderBy('id')
    .execute();
  const attempts = await db
    .selectFrom('attempts')
    .leftJoin('measurements', 'measurements.id', 'attempts.measurement_id')
    .selectAll('attempts')
    .select('measurements.key as measurement_key')
    .where('attempts.sweep_id', '=', row.rowid)
    .orderBy('started_at')
    .orderBy('attempts.id')
    .execute();
  return {
    ...sweepOf(row, await countsOf(db, [row])),
    sessions: sessions.map((one) => ({
      sessionId: one.session_key,
      startedAt: iso(one.started_at),
      endedAt: one.ended_at === null ? null : iso(one.ended_at),
      readyAfterS: one.ready_after_s,
      hw: one.hw,
      framework: one.framework,
      image: one.image,
      model: one.model,
      log: one.log,
      outcome: one.outcome,
      failureClass: one.failure_class,
      message: one.message,
    })),
    attempts: attempts.map((one) => ({
      sessionId: one.session_key,
      pointId: one.point_key,
      attempt: one.attempt,
      conc: one.conc,
      startedAt: iso(one.started_at),
      endedAt: one.ended_at === null ? null : iso(one.ended_at),
      outcome: one.outcome,
      failureClass: one.failure_class,
      message: one.message,
      measurementId: one.measurement_key,
    })),
  };
}

type Counts = ReadonlyMap<number, Readonly<Partial<Record<string, number>>>>;

async function countsOf(db: Kysely<Schema>, sweeps: readonly SweepRow[]): Promise<Counts> {
  const counts = new Map<number, Partial<Record<string, number>>>();
  if (sweeps.length === 0) return counts;
  const rows = await db
    .selectFrom('counts')
    .select(({ fn }) => ['sweep_id', 'outcome', fn.sum<number>('count').as('count')])
    .where('kind', '=', 'measurement')
    .where('sweep_id', '>=', Math.min(...sweeps.map(({ rowid }) => rowid)))
    .where('sweep_id', '<=', Math.max(...sweeps.map(({ rowid }) => rowid)))
    .groupBy(['sweep_id', 'outcome'])
    .execute();
  for (const { sweep_id: id, outcome, count } of rows)
    counts.set(id, { ...counts.get(id), [outcome]: Number(count) });
  return counts;
}

function sweepOf(row: SweepRow, counts: Counts): StoredSweep {
  const { checked = 0, unchecked = 0, suspect = 0, invalid = 0 } = counts.get(row.rowid) ?? {};
  return {
    id: row.key,
    createdAt: iso(row.created_at),
    command: row.command,
    source: row.source,
    url: row.url,
    planned: row.planned,
    state: row.state,
    gitSha: row.git_sha,
    gitRef: row.git_ref,
    measurements: { checked, unchecked, suspect, invalid },
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
