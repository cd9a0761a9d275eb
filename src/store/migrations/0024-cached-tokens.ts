import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addColumns } from './table.ts';

/** The share of prompt tokens from the server's prefix cache, and the largest possible share. */
export const cachedTokens: Migration = {
  up: async (db: Kysely<unknown>) => {
    await addColumns(db, 'measurements', { cached_prompt_share: 'real?', ideal_cached_share: 'real?' });
  },
};
