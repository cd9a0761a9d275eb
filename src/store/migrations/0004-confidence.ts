import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Confidence intervals next to the metrics, so that charts need no raw results for error bars. */
export const confidence: Migration = {
  up: async (db: Kysely<unknown>) => {
    await db.schema.alterTable('measurements').addColumn('confidence_95', 'text').execute();
  },
};
