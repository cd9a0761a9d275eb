import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addColumns } from './table.ts';

/** A digest of the recipe: a changed recipe makes another environment, not another configuration. */
export const recipeFingerprint: Migration = {
  up: async (db: Kysely<unknown>) => {
    await addColumns(db, 'environments', { recipe_fingerprint: 'text?' });
  },
};
