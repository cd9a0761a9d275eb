import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addColumns } from './table.ts';

/** Whether weights were real, and whether the recipe was generic. */
export const loadFormat: Migration = {
  up: async (db: Kysely<unknown>) => {
    await addColumns(db, 'configurations', { load_format: 'text?' });
    await addColumns(db, 'environments', { recipe_kind: 'text?' });
  },
};
