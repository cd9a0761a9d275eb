import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addColumns } from './table.ts';

/** End-to-end normalized interactivity, of replayed sessions of coding agents. */
export const sessions: Migration = {
  up: async (db: Kysely<unknown>) => {
    await addColumns(db, 'measurements', { median_e2e_norm_intvty: 'real?', p90_e2e_norm_intvty: 'real?' });
  },
};
