import { PostgresDialect } from 'kysely';
import pg from 'pg';

/** Connections that one process holds at most. */
const mostConnections = 8;
const connectTimeoutMs = 10_000;

/** Whether a store's location is a PostgreSQL database and not a file. */
export function isPostgresUrl(location: string): boolean {
  return /^postgres(ql)?:\/\//i.test(location);
}

/** A PostgreSQL database by its URL. */
export function postgresDialect(url: string): PostgresDialect {
  const pool = new pg.Pool({
    connectionString: url,
    max: mostConnections,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: 'inferencemax',
    types: { getTypeParser },
  });
  // A connection that breaks while nobody uses it is replaced by the pool; whoever uses one gets the error.
  pool.on('error', () => {});
  return new PostgresDialect({ pool });
}

/** Times and counts fit a JavaScript number exactly, so that both databases answer with numbers. */
const getTypeParser: typeof pg.types.getTypeParser = (id: number, format?: 'text' | 'binary') =>
  id === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(id, format as 'text');

/**
 * The URL as it may be shown. What stands between the first colon and the last @ counts as the password, because one
 * that holds a slash or an @ makes the URL invalid, and that is when it is shown.
 */
export function withoutPassword(url: string): string {
  return url.replace(/^([^:]+:\/\/[^:@]*):.*@/s, '$1:***@').replace(/([?&]password=)[^&]*/gi, '$1***');
}
