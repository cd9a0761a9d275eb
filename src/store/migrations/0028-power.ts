import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addColumns } from './table.ts';

/** Measured power of the GPUs of each role and of the hosts, in watts, and the GPUs' energy per request in joules. */
export const power: Migration = {
  up: async (db: Kysely<unknown>) => {
    await addColumns(db, 'measurements', {
      prefill_avg_power_w: 'real?',
      decode_avg_power_w: 'real?',
      avg_host_power_w: 'real?',
      joules_per_successful_query: 'real?',
    });
  },
};
