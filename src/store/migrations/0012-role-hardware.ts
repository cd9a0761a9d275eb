import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addColumns } from './table.ts';

/** The hardware of the workers of each role, if it differs. */
export const roleHardware: Migration = {
  up: async (db: Kysely<unknown>) => {
    await addColumns(db, 'configurations', { prefill_hw: 'text?', decode_hw: 'text?' });
  },
};
