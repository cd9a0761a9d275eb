import type { Kysely } from 'kysely';
import type { JobCount } from '../ingest/job-counts.ts';
import type { Schema } from '../schema.ts';
import type { ReliabilityFilter } from './reliability.ts';

/** CI jobs of a project on one hardware type and day, with their source. */
export interface StoredJobCount extends JobCount {
  readonly source: string;
}

/** Job counts, oldest day first. The engine of a job is unknown. */
export async function jobCounts(
  db: Kysely<Schema>,
  { hw, since }: Omit<ReliabilityFilter, 'framework'> = {},
): Promise<StoredJobCount[]> {
  let query = db
    .selectFrom('job_counts')
    .select(['source', 'hw', 'day', 'ended', 'succeeded'])
    .orderBy('day')
    .orderBy('hw');
  if (hw !== undefined) query = query.where('hw', '=', hw);
  if (since !== undefined) query = query.where('day', '>=', since.slice(0, 'YYYY-MM-DD'.length));
  return await query.execute();
}
