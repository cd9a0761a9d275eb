import { type Kysely, sql } from 'kysely';
import { latestCredibleMs } from '../dated-ahead.ts';
import { countMeasurements } from './ingest/counts.ts';
import { inParts } from './queries/in-parts.ts';
import type { Schema } from './schema.ts';

/**
 * Removes measurements and their related rows within the given transaction. The newest remaining measurement
 * becomes the latest of its point, and unused configurations and environments are removed.
 */
export async function removeMeasurements(db: Kysely<Schema>, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const removed = await inParts(ids, async (some) => {
    const rows = await db
      .selectFrom('measurements')
      .select(['sweep_id', 'configuration_id', 'environment_id'])
      .distinct()
      .where('id', 'in', some)
      .execute();
    for (const table of ['documents', 'telemetry'] as const)
      await db.deleteFrom(table).where('measurement_id', 'in', some).execute();
    await db
      .updateTable('attempts')
      .set({ measurement_id: null })
      .where('measurement_id', 'in', some)
      .execute();
    // Removing any measurement of a point changes its count and first time, not only the latest.
    await db
      .deleteFrom('latest')
      .where(({ exists, selectFrom }) =>
        exists(
          selectFrom('measurements')
            .select('measurements.id')
            .whereRef('measurements.configuration_id', '=', 'latest.configuration_id')
            .whereRef('measurements.conc', '=', 'latest.conc')
            .where('measurements.id', 'in', some),
        ),
      )
      .execute();
    await db.deleteFrom('measurements').where('id', 'in', some).execute();
    return rows;
  });
  const configurations = distinct(removed.map(({ configuration_id: id }) => id));
  await restoreLatest(db, configurations);
  for (const sweep of distinct(removed.map(({ sweep_id: id }) => id))) await countMeasurements(db, sweep);
  await removeUnused(db, 'configurations', configurations);
  await removeUnused(db, 'environments', distinct(removed.map(({ environment_id: id }) => id)));
}

/**
 * Adds the latest measurement of every point that has measurements but no latest one, for the given
 * configurations.
 */
async function restoreLatest(db: Kysely<Schema>, configurations: readonly number[]): Promise<void> {
  await inParts(configurations, async (some) => {
    await sql`
      insert into latest (configuration_id, conc, measurement_id, measured_at, key, points, first_at)
      select configuration_id, conc, id, measured_at, key, points, first_at from (
        select configuration_id, conc, id, measured_at, key,
          row_number() over (
            partition by configuration_id, conc
            order by case when measured_at > ${latestCredibleMs()} then 1 else 0 end, measured_at desc, key
          ) as age,
          count(*) over (partition by configuration_id, conc) as points,
          min(measured_at) over (partition by configuration_id, conc) as first_at
        from measurements
        where configuration_id in (${sql.join(some)}) and conc is not null and verdict <> 'invalid'
      ) as left_over
      where age = 1 and not exists (
        select 1 from latest
        where latest.configuration_id = left_over.configuration_id and latest.conc = left_over.conc
      )`.execute(db);
    return [];
  });
}

/** Removes unused configurations or environments. */
async function removeUnused(
  db: Kysely<Schema>,
  table: 'configurations' | 'environments',
  ids: readonly number[],
): Promise<void> {
  const column = table === 'configurations' ? 'configuration_id' : 'environment_id';
  const users =
    table === 'configurations' ? (['measurements', 'attempts'] as const) : (['measurements'] as const);
  await inParts(ids, async (some) => {
    const isUsed = users.map(
      (user) =>
        sql`exists (select 1 from ${sql.table(user)} where ${sql.ref(`${user}.${column}`)} = ${sql.ref(`${table}.id`)})`,
    );
    await sql`delete from ${sql.table(table)} where id in (${sql.join(some)}) and not (${sql.join(isUsed, sql` or `)})`.execute(
      db,
    );
    return [];
  });
}

function distinct(ids: readonly (number | null)[]): number[] {
  return [...new Set(ids)].filter((id) => id !== null);
}
