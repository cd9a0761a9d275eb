import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The confidence intervals of a measurement beside its metrics, so that a chart needs no raw result for its error bars. */
export const confidence: Migration = {
  up: async (db: Kysely<unknown>) => {
    await db.schema.alterTable('measurements').addColumn('confidence_95', 'text').execute();
  },
};
