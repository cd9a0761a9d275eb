import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What nothing was found against was called valid; everybody calls it checked. */
export const checked: Migration = {
  up: async (db: Kysely<unknown>) => {
    await sql`update measurements set verdict = 'checked' where verdict = 'valid'`.execute(db);
    await sql`update counts set outcome = 'checked' where kind = 'measurement' and outcome = 'valid'`.execute(
      db,
    );
  },
};
