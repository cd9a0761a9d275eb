import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.ts';

/** Number of published measurements, sweeps and eval scores. */
export interface StoreCounts {
  readonly points: number;
  readonly runs: number;
  readonly evals: number;
}

/**
 * Counts everything or, with `without`, only what was measured on hardware whose name does not contain it.
 */
export async function counts(db: Kysely<Schema>, without?: string): Promise<StoreCounts> {
  let points = db
    .selectFrom('counts')
    .select(({ fn }) => fn.sum<number | null>('count').as('count'))
    .where('kind', '=', 'measurement')
    .where('outcome', '!=', 'invalid');
  let runs = db.selectFrom('sweeps').select(({ fn }) => fn.countAll<number>().as('count'));
  let evals = db.selectFrom('evals').select(({ fn }) => fn.countAll<number>().as('count'));
  if (without !== undefined) {
    points = points.where(({ not }) => not(named(without)));
    runs = runs.where('sweeps.id', 'not in', sweepsWith(db, without));
    evals = evals.where(({ not }) => not(named(without)));
  }
  const [pointCount, runCount, evalCount] = await Promise.all([
    points.executeTakeFirstOrThrow(),
    runs.executeTakeFirstOrThrow(),
    evals.executeTakeFirstOrThrow(),
  ]);
  return {
    points: Number(pointCount.count ?? 0),
    runs: Number(runCount.count),
    evals: Number(evalCount.count),
  };
}

/** The sweeps that measured on hardware whose name contains `name`. */
export async function sweepsOnHardware(db: Kysely<Schema>, name: string): Promise<ReadonlySet<string>> {
  const rows = await db.selectFrom('sweeps').select('key').where('id', 'in', sweepsWith(db, name)).execute();
  return new Set(rows.map(({ key }) => key));
}

function sweepsWith(db: Kysely<Schema>, name: string) {
  return db
    .selectFrom('counts')
    .select('counts.sweep_id')
    .where('kind', '=', 'measurement')
    .where(named(name));
}

function named(name: string) {
  return sql<boolean>`lower(hw) like ${`%${name}%`}`;
}
