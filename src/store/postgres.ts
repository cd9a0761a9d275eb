import { PostgresDialect } from 'kysely';
import pg from 'pg';

/** Maximum number of connections per process. */
const mostConnections = 8;
const connectTimeoutMs = 10_000;

/** Whether a store's location is a PostgreSQL URL rather than a file. */
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
  // The pool replaces connections that break while idle; if one breaks while in use, its query throws.
  pool.on('error', () => {});
  return new PostgresDialect({ pool });
}

/** Parses 64-bit integers as numbers, as SQLite does: times and counts fit exactly. */
const getTypeParser: typeof pg.types.getTypeParser = (id: number, format?: 'text' | 'binary') =>
  id === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(id, format as 'text');

/**
 * The URL without its password, for messages. Everything between the first colon and the last @ counts as the
 * password, because a password with a slash or an @ makes the URL invalid, and that is when it is shown.
 */
export function withoutPassword(url: string): string {
  return url.replace(/^([^:]+:\/\/[^:@]*):.*@/s, '$1:***@').replace(/([?&]password=)[^&]*/gi, '$1***');
}
