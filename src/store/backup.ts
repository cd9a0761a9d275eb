import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import { InputError, messageOf, WorkError } from '../errors.ts';
import { withTemporary } from '../process/temporary.ts';
import { dialectOf } from './dialect.ts';
import { BulkInsert } from './ingest/bulk-insert.ts';
import { bringUpToDate, openDatabase } from './open.ts';
import { isPostgresUrl, withoutPassword } from './postgres.ts';
import type { Schema } from './schema.ts';
import { backUpSqlite, checkSqlite } from './sqlite.ts';
import { storeTrouble } from './trouble.ts';
import { placeWhole } from './whole-file.ts';

/** Every table, after the tables that it refers to, with the integer column by which it is read in parts. */
const tables = {
  sweeps: 'id',
  configurations: 'id',
  environments: 'id',
  measurements: 'id',
  documents: 'measurement_id',
  latest: 'configuration_id',
  telemetry: 'measurement_id',
  engine_sessions: 'id',
  attempts: 'id',
  counts: 'sweep_id',
  evals: 'id',
  job_counts: 'id',
  changelog_entries: 'id',
  quarantine: 'id',
} as const satisfies { readonly [table in keyof Schema]: string };
type TableName = keyof typeof tables;

/** The range of that column that is read at once. */
const windowSize = 1_000;

/**
 * Writes a backup as one SQLite file, which `serve` can open and `restore` can copy to any store. The backup
 * is a consistent snapshot, even if the store is written meanwhile. Throws WorkError, and then leaves no
 * file.
 */
export async function backUp(location: string, file: string): Promise<void> {
  if (existsSync(file))
    throw new InputError(`${file} already exists`, 'choose a new file', { code: 'file-exists' });
  await explaining(`back up ${withoutPassword(location)} to`, file, async () => {
    await placeWhole(file, async (temporary) => {
      if (!isPostgresUrl(location)) return await backUpSqlite(location, temporary);
      const copy = `${temporary}.copy`;
      await copyStore(location, copy);
      await backUpSqlite(copy, temporary);
    });
  });
}

/**
 * Restores a backup into an empty or new store in SQLite or PostgreSQL, completely or not at all.
 * Throws InputError if the store is not empty or the backup is damaged, and WorkError if the store cannot be
 * written.
 */
export async function restore(file: string, location: string): Promise<void> {
  if (!existsSync(file))
    throw new InputError(`${file} does not exist`, undefined, { code: 'file-unreadable' });
  if (!(await stat(file)).isFile())
    throw new InputError(`${file} is not a regular file`, undefined, { code: 'file-unreadable' });
  await checkSqlite(file);
  await requireEmpty(location);
  // The backup itself is not changed; the copy is migrated if an older version wrote it.
  const make = async (temporary: string) => {
    await backUpSqlite(file, temporary);
    await bringUpToDate(temporary);
  };
  await explaining(`restore ${file} to`, location, async () => {
    if (!isPostgresUrl(location)) return await placeWhole(location, make);
    await withTemporary(join(tmpdir(), 'inferencemax-restore.sqlite'), async (temporary) => {
      await make(temporary);
      await copyStore(temporary, location);
    });
  });
}

async function requireEmpty(location: string): Promise<void> {
  // A backup may replace an emptied file.
  if (!isPostgresUrl(location) && (!existsSync(location) || (await stat(location)).size === 0)) return;
  const db = await openDatabase(location);
  try {
    const found = await db.selectFrom('sweeps').select('key').executeTakeFirst();
    if (found !== undefined)
      throw new InputError(
        `the store ${withoutPassword(location)} is not empty`,
        'restore into a new store; a store is never overwritten',
        { code: 'file-exists' },
      );
  } finally {
    await db.destroy();
  }
}

/** Copies everything into an empty store, in one transaction on each side. */
async function copyStore(from: string, to: string): Promise<void> {
  const source = await openDatabase(from);
  const target = await openDatabase(to);
  try {
    await source
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (reading) => {
        await target.transaction().execute(async (writing) => {
          for (const table of Object.keys(tables)) await copyTable(reading, writing, table as TableName);
          if (dialectOf(writing) === 'postgres') await continueIds(writing);
        });
      });
  } finally {
    await source.destroy();
    await target.destroy();
  }
}

async function copyTable(reading: Kysely<Schema>, writing: Kysely<Schema>, table: TableName): Promise<void> {
  const column = sql.ref<number>(tables[table]);
  const { rows: bounds } = await sql<{ least: number | null; most: number | null }>`
    select min(${column}) as least, max(${column}) as most from ${sql.table(table)}`.execute(reading);
  const [{ least, most } = { least: null, most: null }] = bounds;
  if (least === null || most === null) return;
  const inserting = new BulkInsert(writing, table, (insert) => insert);
  for (let from = least; from <= most; from += windowSize) {
    const rows = await reading
      .selectFrom(table)
      .selectAll()
      .where(column, '>=', from)
      .where(column, '<', from + windowSize)
      .execute();
    await inserting.insert(rows);
  }
}

/** Continues ids after the copied ones. */
async function continueIds(db: Kysely<Schema>): Promise<void> {
  for (const [table, column] of Object.entries(tables)) {
    if (column !== 'id') continue;
    await sql`select setval(pg_get_serial_sequence(${table}, 'id'), coalesce(max(id), 0) + 1, false)
      from ${sql.table(table)}`.execute(db);
  }
}

/** Throws WorkError with a hint if a place cannot be written. */
async function explaining(doing: string, place: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof InputError) throw error;
    const known = storeTrouble(error, place, doing);
    if (known instanceof WorkError) throw known;
    throw new WorkError(`cannot ${doing} ${withoutPassword(place)}: ${messageOf(error)}`, {
      code: 'store-failed',
      cause: error,
    });
  }
}
