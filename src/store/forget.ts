import type { Kysely } from 'kysely';
import { quarantineName } from './ingest/copied.ts';
import { writing } from './ingest/writing.ts';
import { removeMeasurements } from './remove.ts';
import type { Schema } from './schema.ts';
import type { SweepSource } from './sources.ts';

/** Counts of what was removed. */
export interface Forgotten {
  readonly measurements: number;
  readonly scores: number;
  readonly runs: number;
  /** Days of one hardware type with counted jobs. */
  readonly jobDays: number;
  readonly quarantined: number;
}

/** Removes everything of one source, and nothing else, in one transaction. It can be fetched again. */
export async function forget(db: Kysely<Schema>, source: SweepSource): Promise<Forgotten> {
  const { name } = source;
  return await writing(db, `cannot remove the data of source '${name}'`, async (transaction) => {
    const ofSource = transaction.selectFrom('sweeps').select('id').where('source', '=', name);
    const measurements = await transaction
      .selectFrom('measurements')
      .select('id')
      .where('sweep_id', 'in', ofSource)
      .execute();
    await removeMeasurements(
      transaction,
      measurements.map(({ id }) => id),
    );
    const scores = await transaction.deleteFrom('evals').where('sweep_id', 'in', ofSource).executeTakeFirst();
    await transaction.deleteFrom('counts').where('sweep_id', 'in', ofSource).execute();
    const runs = await transaction.deleteFrom('sweeps').where('source', '=', name).executeTakeFirst();
    const jobDays = await transaction.deleteFrom('job_counts').where('source', '=', name).executeTakeFirst();
    const quarantined = await transaction
      .deleteFrom('quarantine')
      .where('source', 'like', quarantineName(source, '%'))
      .executeTakeFirst();
    return {
      measurements: measurements.length,
      scores: Number(scores.numDeletedRows),
      runs: Number(runs.numDeletedRows),
      jobDays: Number(jobDays.numDeletedRows),
      quarantined: Number(quarantined.numDeletedRows),
    };
  });
}
