import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addColumns } from './table.ts';

/** Which recipe was served, by a digest: a changed recipe is another environment, not another configuration. */
export const recipeFingerprint: Migration = {
  up: async (db: Kysely<unknown>) => {
    await addColumns(db, 'environments', { recipe_fingerprint: 'text?' });
  },
};
