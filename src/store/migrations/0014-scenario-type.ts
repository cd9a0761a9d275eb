import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addColumns } from './table.ts';

/** The kind of traffic, if it is not one of fixed lengths. */
export const scenarioType: Migration = {
  up: async (db: Kysely<unknown>) => {
    await addColumns(db, 'configurations', { scenario_type: 'text?' });
  },
};
