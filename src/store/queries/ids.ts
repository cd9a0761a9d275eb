import type { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';

/** Up to `limit` public ids of measurements or sweeps that start with a text, in order. */
export async function idsStartingWith(
  db: Kysely<Schema>,
  table: 'measurements' | 'sweeps',
  beginning: string,
  limit: number,
): Promise<string[]> {
  // A range can use an index and, unlike a pattern, needs no escaping.
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
