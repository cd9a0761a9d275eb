import type { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';

/** Public names of measurements or sweeps that begin with a text, in order, at most `limit`. */
export async function idsStartingWith(
  db: Kysely<Schema>,
  table: 'measurements' | 'sweeps',
  beginning: string,
  limit: number,
): Promise<string[]> {
  // A range, which an index serves, where a pattern would have to escape what is special in it.
  const rows = await db
    .selectFrom(table)
    .select('key')
    .where('key', '>=', beginning)
    .where('key', '<', `${beginning}\u{10ffff}`)
    .orderBy('key')
    .limit(limit)
    .execute();
  return rows.map(({ key }) => key);
}
