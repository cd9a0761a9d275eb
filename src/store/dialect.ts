import { type Kysely, PostgresAdapter } from 'kysely';

/** The kind of database of a store, for the few differences in SQL. */
export function dialectOf<Tables>(db: Kysely<Tables>): 'sqlite' | 'postgres' {
  return db.getExecutor().adapter instanceof PostgresAdapter ? 'postgres' : 'sqlite';
}
