import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addColumns } from './table.ts';

/** The transport of the KV cache from prefill to decode workers. */
export const kvP2pTransfer: Migration = {
  up: async (db: Kysely<unknown>) => {
    await addColumns(db, 'configurations', { kv_p2p_transfer: 'text?' });
  },
};
