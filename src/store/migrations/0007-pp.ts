import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addColumns } from './table.ts';

/** Pipeline parallelism of a single-node engine, and of the workers of each role. */
export const pp: Migration = {
  up: async (db: Kysely<unknown>) => {
    await addColumns(db, 'configurations', { pp: 'integer?', prefill_pp: 'integer?', decode_pp: 'integer?' });
  },
};
