import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Measurements known only by their row were called suspect, although nothing is wrong with them. */
export const unchecked: Migration = {
  up: async (db: Kysely<unknown>) => {
    await sql`update measurements set verdict = 'unchecked' where verdict = 'suspect' and raw_key is null`.execute(
      db,
    );
    await sql`delete from counts where kind = 'measurement'`.execute(db);
    await sql`
      insert into counts (sweep_id, kind, hw, framework, outcome, failure_class, count)
      select sweep_id, 'measurement', coalesce(hw, ''), coalesce(framework, ''), verdict, '', count(*)
      from measurements left join configurations on configurations.id = configuration_id
      group by sweep_id, coalesce(hw, ''), coalesce(framework, ''), verdict`.execute(db);
  },
};
