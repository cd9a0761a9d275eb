import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { createTable } from './table.ts';

/**
 * Counts of how measurements, attempts and engine starts ended, updated by ingest instead of computed per
 * query.
 */
export const counts: Migration = {
  up: async (db: Kysely<unknown>) => {
    await createTable(
      db,
      'counts',
      {
        sweep_id: 'integer',
        kind: 'text',
        hw: 'text',
        framework: 'text',
        outcome: 'text',
        failure_class: 'text',
        count: 'integer',
      },
      [
        'primary key (sweep_id, kind, hw, framework, outcome, failure_class)',
        'foreign key (sweep_id) references sweeps (id)',
      ],
    );
    const columns = sql`sweep_id, kind, hw, framework, outcome, failure_class, count`;
    await sql`
      insert into counts (${columns})
      select sweep_id, 'measurement', coalesce(hw, ''), coalesce(framework, ''), verdict, '', count(*)
      from measurements left join configurations on configurations.id = configuration_id
      group by sweep_id, coalesce(hw, ''), coalesce(framework, ''), verdict`.execute(db);
    await sql`
      insert into counts (${columns})
      select sweep_id, 'attempt', coalesce(hw, ''), coalesce(framework, ''), outcome, coalesce(failure_class, ''), count(*)
      from attempts left join configurations on configurations.id = configuration_id
      group by sweep_id, coalesce(hw, ''), coalesce(framework, ''), outcome, coalesce(failure_class, '')`.execute(
      db,
    );
    await sql`
      insert into counts (${columns})
      select sweep_id, 'start', hw, framework, outcome, coalesce(failure_class, ''), count(*)
      from engine_sessions group by sweep_id, hw, framework, outcome, coalesce(failure_class, '')`.execute(
      db,
    );
  },
};
