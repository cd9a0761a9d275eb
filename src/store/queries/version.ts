import { type Kysely, sql } from 'kysely';
import { dialectOf } from '../dialect.ts';
import type { Schema } from '../schema.ts';

/** A text that changes with every change of the store by any process; use it to detect stale caches. */
export async function version(db: Kysely<Schema>): Promise<string> {
  if (dialectOf(db) === 'postgres') {
    const { rows } = await sql<{ now: string }>`select pg_current_snapshot()::text as now`.execute(db);
    return rows[0]?.now ?? '';
  }
  // Changes by other connections, and by this one.
  const { rows: others } = await sql<{ data_version: number }>`pragma data_version`.execute(db);
  const { rows: own } = await sql<{ changes: number }>`select total_changes() as changes`.execute(db);
  return `${others[0]?.data_version} ${own[0]?.changes}`;
}
