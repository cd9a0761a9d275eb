import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addColumns } from './table.ts';

/** The router in front of the engine, by its name and version. */
export const router: Migration = {
  up: async (db: Kysely<unknown>) => {
    await addColumns(db, 'configurations', { router: 'text?' });
  },
};
