import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addColumns } from './table.ts';

/** The workload, if it is not one of fixed lengths. */
export const workload: Migration = {
  up: async (db: Kysely<unknown>) => {
    await addColumns(db, 'configurations', { workload: 'text?' });
  },
};
