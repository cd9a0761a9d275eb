import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addColumns } from './table.ts';

/** Where the KV cache is offloaded to, and by what. */
export const kvOffloading: Migration = {
  up: async (db: Kysely<unknown>) => {
    await addColumns(db, 'configurations', { kv_offloading: 'text?', kv_offload_backend: 'text?' });
  },
};
