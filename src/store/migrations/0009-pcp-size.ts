import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addColumns } from './table.ts';

/** Prefill context parallelism, which multiplies the GPUs of a worker. */
export const pcpSize: Migration = {
  up: async (db: Kysely<unknown>) => {
    await addColumns(db, 'configurations', {
      pcp_size: 'integer?',
      prefill_pcp_size: 'integer?',
      decode_pcp_size: 'integer?',
    });
  },
};
