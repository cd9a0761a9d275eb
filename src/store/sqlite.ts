import { statSync } from 'node:fs';
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { SqliteAdapter, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely';

import { InputError, messageOf } from '../errors.ts';

/** How long a writer waits for another one, in ms. */
const busyTimeoutMs = 30_000;

/**
 * The purpose of opening a file: to read it, possibly read-only; to write it concurrently with others; or to
 * create it as a single file.
 */
export type FileAccess = 'read' | 'write' | 'make';

/** The embedded database at a path, which is created if it does not exist. */
export async function sqliteDialect(path: string, access: FileAccess = 'write'): Promise<SqliteDialect> {
  const sqlite = await loadSqlite();
  const database =
    access === 'read'
      ? openedToRead(sqlite, path)
      : ready(new sqlite.DatabaseSync(path), (opened) => setUpToWrite(opened, access));
  return new EmbeddedDialect({ database: adapted(database) });
}

/**
 * Opens a database for reading. In WAL mode SQLite reads through two additional files, which cannot be
 * created in a read-only folder; if no changes wait in them, the main file alone is complete.
 */
function openedToRead({ DatabaseSync }: typeof import('node:sqlite'), path: string): DatabaseSync {
  try {
    return readable(new DatabaseSync(path, { readOnly: true }));
  } catch (error) {
    const waiting = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    if (waiting > 0) throw error;
    const url = pathToFileURL(path);
    url.searchParams.set('immutable', '1');
    return readable(new DatabaseSync(url, { readOnly: true }));
  }
}

/** Forces SQLite to read the file, which it otherwise does at the first query. */
function readable(database: DatabaseSync): DatabaseSync {
  return ready(database, () => database.prepare('select count(*) from sqlite_schema').get());
}

/**
 * Runs a database's first statements. If they fail, the database is closed at once instead of by garbage
 * collection: closing removes files next to the database, which by then may belong to another one.
 */
function ready(database: DatabaseSync, begin: (database: DatabaseSync) => void): DatabaseSync {
  try {
    begin(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Whether a file has the tables of a store. Throws SQLite's error if it is not a database. */
export async function hasTables(path: string): Promise<boolean> {
  const database = openedToRead(await loadSqlite(), path);
  try {
    return (
      database.prepare("select 1 from sqlite_schema where name = 'kysely_migration'").get() !== undefined
    );
  } finally {
    database.close();
  }
}

class EmbeddedDialect extends SqliteDialect {
  override createAdapter() {
    return new EmbeddedAdapter();
  }
}

/**
 * Schema changes in SQLite are transactional, so a process killed during a migration leaves nothing half
 * done.
 */
class EmbeddedAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl() {
    return true;
  }
}

/** Number of prepared statements that are cached; far more than there are queries. */
const mostPrepared = 200;
/** Page cache in kB; an index of a million keys must fit for a bulk ingest to be fast. */
const cacheKb = 256 * 1024;

/** Pages of 4 kB that are written before a checkpoint: 64 MB, several parts of a bulk ingest. */
const checkpointPages = 16_384;

function setUpToWrite(database: DatabaseSync, access: 'write' | 'make'): void {
  database.exec(`pragma busy_timeout = ${busyTimeoutMs}`);
  if (access === 'write') database.exec('pragma journal_mode = wal');
  else inOneFile(database);
  database.exec('pragma synchronous = full');
  database.exec('pragma foreign_keys = on');
  database.exec(`pragma wal_autocheckpoint = ${checkpointPages}`);
}

function adapted(database: DatabaseSync): SqliteDatabase {
  database.exec(`pragma cache_size = -${cacheKb}`);
  const prepared = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare: (sql) => {
      const known = prepared.get(sql);
      if (known !== undefined) return known;
      const statement = statementOf(database, sql);
      prepared.set(sql, statement);
      const [oldest] = prepared.keys();
      if (prepared.size > mostPrepared && oldest !== undefined) prepared.delete(oldest);
      return statement;
    },
  };
}

function statementOf(database: DatabaseSync, sql: string): SqliteStatement {
  // Take the write lock now, so that another writer cannot make the transaction fail half way.
  const text = sql === 'begin' ? 'begin immediate' : sql;
  const statement = database.prepare(text);
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...parameters.map(bindable)),
    run: (parameters) => {
      // Errors such as a full disk end the transaction already; report these and not a failed rollback.
      if (sql === 'rollback' && !database.isTransaction) return { changes: 0, lastInsertRowid: 0 };
      return statement.run(...parameters.map(bindable));
    },
    // Two concurrent readers of the same text must not share a statement.
    iterate: (parameters) => database.prepare(text).iterate(...parameters.map(bindable)),
  };
}

function bindable(value: unknown): SQLInputValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint')
    return value;
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`SQLite cannot hold ${typeof value}`);
}

/** Loads Node's SQLite without its experimental warning in Node 22; other warnings are passed on. */
async function loadSqlite(): Promise<typeof import('node:sqlite')> {
  const emitWarning = process.emitWarning;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (!String(warning).startsWith('SQLite is an experimental feature')) {
      Reflect.apply(emitWarning, process, [warning, ...rest]);
    }
  };
  try {
    return await import('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Copies a consistent snapshot of a database to a new file, while others may read and write it. */
export async function backUpSqlite(from: string, to: string): Promise<void> {
  const sqlite = await loadSqlite();
  const database = openedToRead(sqlite, from);
  try {
    await sqlite.backup(database, to);
  } finally {
    database.close();
  }
  // A single file is easier to move than one that needs two others.
  const copy = new sqlite.DatabaseSync(to);
  try {
    inOneFile(copy);
  } finally {
    copy.close();
  }
}

/**
 * Moves every change into the database file. In WAL mode, changes wait in a second file; closing moves them
 * into the first, but reports no error if the disk is full.
 */
function inOneFile(database: DatabaseSync): void {
  const answer = database.prepare('pragma journal_mode = delete').get();
  if (answer?.journal_mode !== 'delete') throw new Error('changes could not be moved into the database file');
}

/** Throws InputError if a file is not a complete store. */
export async function checkSqlite(file: string): Promise<void> {
  const sqlite = await loadSqlite();
  const problem = problemOf(sqlite, file);
  if (problem === undefined) return;
  throw new InputError(
    `${file} is not a complete store: ${problem}`,
    'use another backup; a store can be rebuilt from its run folders',
    { code: 'bad-store' },
  );
}

function problemOf({ DatabaseSync }: typeof import('node:sqlite'), file: string): string | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true });
    const [found] = database.prepare('pragma integrity_check(1)').all();
    const answer = Object.values(found ?? {}).join();
    if (answer !== 'ok') return answer;
    const tables = database.prepare("select 1 from sqlite_schema where name = 'kysely_migration'").all();
    return tables.length === 1 ? undefined : 'it does not contain a store';
  } catch (error) {
    return messageOf(error);
  } finally {
    database?.close();
  }
}
