import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Number and first time of the published measurements of a point, next to the newest one; and an index by
 * time that contains the configuration, so that lists of a few configurations skip the others quickly.
 */
export const extents: Migration = {
  up: async (db: Kysely<unknown>) => {
    await sql`alter table latest add column points integer not null default 0`.execute(db);
    await sql`alter table latest add column first_at bigint not null default 0`.execute(db);
    const ofPoint = sql`from measurements
      where measurements.configuration_id = latest.configuration_id and measurements.conc = latest.conc
        and verdict <> 'invalid'`;
    await sql`update latest set
      points = (select count(*) ${ofPoint}),
      first_at = (select min(measurements.measured_at) ${ofPoint})`.execute(db);
    await sql`drop index measurements_by_time`.execute(db);
    await sql`create index measurements_by_time on measurements (measured_at, id, configuration_id)`.execute(
      db,
    );
  },
};
