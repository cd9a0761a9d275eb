import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addColumns } from './table.ts';

/** Goodput and the share of requests within the limits of a measurement. */
export const slo: Migration = {
  up: async (db: Kysely<unknown>) => {
    await addColumns(db, 'measurements', { goodput_per_gpu: 'real?', slo_attainment: 'real?' });
  },
};
