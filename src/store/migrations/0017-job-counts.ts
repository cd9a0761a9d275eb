import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { createTable } from './table.ts';

/** How many jobs of a project's CI succeeded on each hardware and day; of jobs nothing else is known. */
export const jobCounts: Migration = {
  up: async (db: Kysely<unknown>) => {
    await createTable(
      db,
      'job_counts',
      { id: 'id', source: 'text', hw: 'text', day: 'text', ended: 'integer', succeeded: 'integer' },
      ['unique (source, hw, day)'],
    );
  },
};
