import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.ts';
import type { ReliabilityFilter } from './reliability.ts';
import type { ServedBy } from './served.ts';

/** One failure class of one engine on one hardware type. */
export interface StoredFailure {
  readonly hw: string;
  readonly framework: string;
  /** Whether an attempt at a point or an engine start failed. */
  readonly of: 'attempt' | 'start';
  readonly failureClass: string;
  readonly count: number;
  /** ISO 8601. */
  readonly lastAt: string;
  /** The message of the last failure. */
  readonly lastMessage: string | null;
  /** The log of the last failure's engine. */
  readonly lastLog: Pick<ServedBy, 'log' | 'location'>;
}

/** Failure classes, the most frequent first. */
export async function failures(db: Kysely<Schema>, filter: ReliabilityFilter = {}): Promise<StoredFailure[]> {
  const since = filter.since === undefined ? 0 : Date.parse(filter.since);
  const ranked = sql<number>`row_number() over (
    partition by hw, framework, failure_class order by started_at desc)`.as('age');
  const count = sql<number>`count(*) over (partition by hw, framework, failure_class)`.as('count');
  const attempts = db
    .selectFrom('attempts')
    .innerJoin('configurations', 'configurations.id', 'attempts.configuration_id')
    .innerJoin('sweeps', 'sweeps.id', 'attempts.sweep_id')
    .select(['hw', 'framework', 'failure_class', 'message', 'started_at', 'location'])
    .select(({ selectFrom }) =>
      selectFrom('engine_sessions as served')
        .select(({ fn }) => fn.max('served.log').as('log'))
        .whereRef('served.sweep_id', '=', 'attempts.sweep_id')
        .whereRef('served.session_key', '=', 'attempts.session_key')
        .as('log'),
    )
    .select([ranked, count])
    .where('outcome', '=', 'failed')
    .where('started_at', '>=', since);
  const starts = db
    .selectFrom('engine_sessions')
    .innerJoin('sweeps', 'sweeps.id', 'engine_sessions.sweep_id')
    .select(['hw', 'framework', 'failure_class', 'message', 'started_at', 'location', 'log'])
    .select([ranked, count])
    .where('outcome', '=', 'failed')
    .where('started_at', '>=', since);
  const found = await Promise.all(
    ([['attempt', attempts] as const, ['start', starts] as const] as const).map(async ([of, ranking]) => {
      let query = db.selectFrom(ranking.as('ranking')).selectAll().where('age', '=', 1);
      if (filter.hw !== undefined) query = query.where('hw', '=', filter.hw);
      if (filter.framework !== undefined) query = query.where('framework', '=', filter.framework);
      return (await query.execute()).map((row) => ({
        hw: row.hw,
        framework: row.framework,
        of,
        failureClass: row.failure_class ?? 'unknown',
        count: Number(row.count),
        lastAt: new Date(row.started_at).toISOString(),
        lastMessage: row.message,
        lastLog: { log: row.log, location: row.location },
      }));
    }),
  );
  return found.flat().toSorted((a, b) => b.count - a.count || b.lastAt.localeCompare(a.lastAt));
}

/** Attempts at points on one hardware type that ended by themselves on one day. */
export interface DayOfAttempts {
  /** UTC, `YYYY-MM-DD`. */
  readonly day: string;
  readonly hw: string;
  readonly ended: number;
  readonly succeeded: number;
}

/** Every day with attempts that ended, by hardware, oldest first. */
export async function attemptsByDay(
  db: Kysely<Schema>,
  filter: ReliabilityFilter = {},
): Promise<DayOfAttempts[]> {
  const since = filter.since === undefined ? 0 : Date.parse(filter.since);
  // Days since 1970, as an integer in both databases.
  const day = sql<number>`started_at / 86400000`;
  let query = db
    .selectFrom('attempts')
    .innerJoin('configurations', 'configurations.id', 'attempts.configuration_id')
    .select(({ fn }) => [
      day.as('day'),
      'hw',
      fn.countAll<number>().as('ended'),
      sql<number>`sum(case when outcome = 'finished' then 1 else 0 end)`.as('succeeded'),
    ])
    .where('outcome', 'in', ['finished', 'failed'])
    .where('started_at', '>=', since);
  if (filter.hw !== undefined) query = query.where('hw', '=', filter.hw);
  if (filter.framework !== undefined) query = query.where('framework', '=', filter.framework);
  const rows = await query.groupBy([day, 'hw']).orderBy(day).orderBy('hw').execute();
  return rows.map((row) => ({
    day: new Date(Number(row.day) * 86_400_000).toISOString().slice(0, 10),
    hw: row.hw,
    ended: Number(row.ended),
    succeeded: Number(row.succeeded),
  }));
}
