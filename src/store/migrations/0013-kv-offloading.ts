import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addColumns } from './table.ts';

/** The target of KV cache offloading, and the software that does it. */
export const kvOffloading: Migration = {
  up: async (db: Kysely<unknown>) => {
    await addColumns(db, 'configurations', { kv_offloading: 'text?', kv_offload_backend: 'text?' });
  },
};
