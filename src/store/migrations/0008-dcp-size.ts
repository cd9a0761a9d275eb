import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addColumns } from './table.ts';

/** Decode context parallelism, which reuses the GPUs of tensor parallelism. */
export const dcpSize: Migration = {
  up: async (db: Kysely<unknown>) => {
    await addColumns(db, 'configurations', {
      dcp_size: 'integer?',
      prefill_dcp_size: 'integer?',
      decode_dcp_size: 'integer?',
    });
  },
};
