import { type Kysely, PostgresAdapter } from 'kysely';

/** Which database a store is in, for the few things the two say differently. */
export function dialectOf<Tables>(db: Kysely<Tables>): 'sqlite' | 'postgres' {
  return db.getExecutor().adapter instanceof PostgresAdapter ? 'postgres' : 'sqlite';
}
