import { type Kysely, sql } from 'kysely';
import { dialectOf } from '../dialect.ts';
import type { Schema } from '../schema.ts';

/** A text that is another one after every change of the store, by whomever: what was made of the store before is then old. */
export async function version(db: Kysely<Schema>): Promise<string> {
  if (dialectOf(db) === 'postgres') {
    const { rows } = await sql<{ now: string }>`select pg_current_snapshot()::text as now`.execute(db);
    return rows[0]?.now ?? '';
  }
  // Changes of other connections, and of this one.
  const { rows: others } = await sql<{ data_version: number }>`pragma data_version`.execute(db);
  const { rows: own } = await sql<{ changes: number }>`select total_changes() as changes`.execute(db);
  return `${others[0]?.data_version} ${own[0]?.changes}`;
}
