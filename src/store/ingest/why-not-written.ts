import { z } from 'zod';

const codeSchema = z.object({
  code: z.string().optional().catch(undefined),
  errcode: z.int().optional().catch(undefined),
});

/**
 * SQLite's primary codes for a file that cannot be written now: busy, locked, read-only, I/O, full, cannot
 * open.
 */
const sqliteCannotWrite = new Set([5, 6, 8, 10, 13, 14]);

/** The hint for a part of an ingest that the database rejected. */
export function hintFor(error: unknown): string {
  const { code = '', errcode } = codeSchema.safeParse(error).data ?? {};
  const again = 'then ingest it again to continue';
  if (errcode !== undefined && sqliteCannotWrite.has(errcode & 0xff))
    return `nothing is half written; free some space or grant write permission, ${again}`;
  // PostgreSQL's error classes for invalid data, violated constraints, and exceeded limits.
  if (errcode !== undefined || /^(22|23|54)/.test(code))
    return 'nothing is half written; a value in it cannot be stored and should have been quarantined: leave that file out, and report this message';
  if (/^(25006|42501|53)/.test(code))
    return `nothing is half written; free some space on the server or grant its user write permission, ${again}`;
  return `nothing is half written; check that the store is reachable and writable, ${again}`;
}
