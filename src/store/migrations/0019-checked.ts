import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Renames the verdict "valid" to "checked", as everywhere else. */
export const checked: Migration = {
  up: async (db: Kysely<unknown>) => {
    await sql`update measurements set verdict = 'checked' where verdict = 'valid'`.execute(db);
    await sql`update counts set outcome = 'checked' where kind = 'measurement' and outcome = 'valid'`.execute(
      db,
    );
  },
};
