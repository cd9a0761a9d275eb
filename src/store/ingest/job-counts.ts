import type { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';
import type { SweepSource } from '../sources.ts';
import { BulkInsert } from './bulk-insert.ts';
import { writing } from './writing.ts';

/** CI jobs of a project that ended on one day on one hardware type. */
export interface JobCount {
  readonly hw: string;
  /** UTC, `YYYY-MM-DD`. */
  readonly day: string;
  readonly ended: number;
  readonly succeeded: number;
}

/** Stores job counts; newer counts of a day replace older ones. Returns how many days were new or changed. */
export async function ingestJobCounts(
  db: Kysely<Schema>,
  source: SweepSource,
  counts: readonly JobCount[],
): Promise<number> {
  return await writing(db, 'cannot add the job counts to the store', async (transaction) => {
    const known = await transaction
      .selectFrom('job_counts')
      .select(['hw', 'day', 'ended', 'succeeded'])
      .where('source', '=', source.name)
      .execute();
    const before = new Map(known.map((one) => [`${one.hw} ${one.day}`, one]));
    const changed = counts.filter(({ hw, day, ended, succeeded }) => {
      const one = before.get(`${hw} ${day}`);
      return one?.ended !== ended || one.succeeded !== succeeded;
    });
    const inserting = new BulkInsert(transaction, 'job_counts', (insert) =>
      insert.onConflict((conflict) =>
        conflict.columns(['source', 'hw', 'day']).doUpdateSet((row) => ({
          ended: row.ref('excluded.ended'),
          succeeded: row.ref('excluded.succeeded'),
        })),
      ),
    );
    await inserting.insert(
      changed.map(({ hw, day, ended, succeeded }) => ({ source: source.name, hw, day, ended, succeeded })),
    );
    return changed.length;
  });
}
