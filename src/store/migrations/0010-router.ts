import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addColumns } from './table.ts';

/** The name and version of the router in front of the engine. */
export const router: Migration = {
  up: async (db: Kysely<unknown>) => {
    await addColumns(db, 'configurations', { router: 'text?' });
  },
};
