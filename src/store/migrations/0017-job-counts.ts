import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { createTable } from './table.ts';

/** Number of successful CI jobs per hardware type and day; nothing else is known about these jobs. */
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
