import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { addColumns } from './table.ts';

/** The acceptance of drafts: measured, and the one that the engine was made to have; questions among the requests. */
export const acceptance: Migration = {
  up: async (db: Kysely<unknown>) => {
    await addColumns(db, 'configurations', { acceptance: 'text?', answers_percent: 'integer?' });
    await addColumns(db, 'measurements', {
      draft_acceptance: 'real?',
      acceptance_length: 'real?',
      forced_acceptance_length: 'real?',
    });
  },
};
