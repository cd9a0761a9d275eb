import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.ts';

/** How much there is: published measurements of all time, sweeps and eval scores. */
export interface StoreCounts {
  readonly points: number;
  readonly runs: number;
  readonly evals: number;
}

/** Counts everything, or what has not `without` in the name of its hardware. */
export async function counts(db: Kysely<Schema>, without: string | undefined): Promise<StoreCounts> {
  let points = db
    .selectFrom('measurements')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('configuration_id', 'is not', null)
    .where('verdict', '!=', 'invalid');
  let runs = db.selectFrom('sweeps').select(({ fn }) => fn.countAll<number>().as('count'));
  let evals = db.selectFrom('evals').select(({ fn }) => fn.countAll<number>().as('count'));
  if (without !== undefined) {
    points = points.where('configuration_id', 'not in', (from) =>
      from.selectFrom('configurations').select('configurations.id').where(named(without)),
    );
    runs = runs.where('sweeps.id', 'not in', sweepsWith(db, without));
    evals = evals.where(({ not }) => not(named(without)));
  }
  const [pointCount, runCount, evalCount] = await Promise.all([
    points.executeTakeFirstOrThrow(),
    runs.executeTakeFirstOrThrow(),
    evals.executeTakeFirstOrThrow(),
  ]);
  return { points: Number(pointCount.count), runs: Number(runCount.count), evals: Number(evalCount.count) };
}

/** The sweeps that measured on hardware with this in its name. */
export async function sweepsOnHardware(db: Kysely<Schema>, name: string): Promise<ReadonlySet<string>> {
  const rows = await db.selectFrom('sweeps').select('key').where('id', 'in', sweepsWith(db, name)).execute();
  return new Set(rows.map(({ key }) => key));
}

function sweepsWith(db: Kysely<Schema>, name: string) {
  return db
    .selectFrom('measurements')
    .innerJoin('configurations', 'configurations.id', 'measurements.configuration_id')
    .select('measurements.sweep_id')
    .where(named(name));
}

function named(name: string) {
  return sql<boolean>`lower(hw) like ${`%${name}%`}`;
}
