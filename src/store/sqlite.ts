import { statSync } from 'node:fs';
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { SqliteAdapter, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely';

import { InputError, messageOf } from '../errors.ts';

/** How long a writer waits for another one before it gives up. */
const busyTimeoutMs = 30_000;

/** What for: to be read, where it cannot be written; to be written beside others; or to be made, in one file. */
export type FileAccess = 'read' | 'write' | 'make';

/** The embedded database at a path, created where there is none. */
export async function sqliteDialect(path: string, access: FileAccess = 'write'): Promise<SqliteDialect> {
  const sqlite = await loadSqlite();
  const database =
    access === 'read'
      ? openedToRead(sqlite, path)
      : ready(new sqlite.DatabaseSync(path), (opened) => setUpToWrite(opened, access));
  return new EmbeddedDialect({ database: adapted(database) });
}

/**
 * A database for reading. SQLite reads one in WAL mode through two files beside it, which nobody may make in a folder
 * that is read-only; where no change waits in them, the file alone is everything.
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

/** SQLite looks into the file at the first question. */
function readable(database: DatabaseSync): DatabaseSync {
  return ready(database, () => database.prepare('select count(*) from sqlite_schema').get());
}

/**
 * A database after its first statements. If they fail it is closed at once, and not whenever its memory is collected:
 * closing removes files beside the database, which by then may be those of another one.
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

/** Whether a file has the tables of a store. Throws what SQLite says of a file that is no database. */
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

/** SQLite's changes of a schema are part of a transaction, so a process killed in a migration leaves nothing half done. */
class EmbeddedAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl() {
    return true;
  }
}

/** Statements that are kept prepared: many more than there are queries. */
const mostPrepared = 200;
/** What is kept in memory of the file, kB; an index of a million keys must fit for a bulk ingest to be fast. */
const cacheKb = 256 * 1024;

/** Pages of 4 kB that are written before they are moved into the database file: 64 MB, several parts of a bulk ingest. */
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
  // Whoever begins is about to write: waiting for the lock now, another writer cannot make it fail half way.
  const text = sql === 'begin' ? 'begin immediate' : sql;
  const statement = database.prepare(text);
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...parameters.map(bindable)),
    run: (parameters) => {
      // Some errors, such as a full disk, have ended the transaction already: they are to be told, not this.
      if (sql === 'rollback' && !database.isTransaction) return { changes: 0, lastInsertRowid: 0 };
      return statement.run(...parameters.map(bindable));
    },
    // Two readers of the same text at once must not share a statement.
    iterate: (parameters) => database.prepare(text).iterate(...parameters.map(bindable)),
  };
}

function bindable(value: unknown): SQLInputValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint')
    return value;
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`SQLite cannot hold ${typeof value}`);
}

/** Loads Node's SQLite without the warning, in Node 22, that it is experimental; every other warning is let through. */
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

/** Copies a database of one moment to a new file, while others may read and write it. */
export async function backUpSqlite(from: string, to: string): Promise<void> {
  const sqlite = await loadSqlite();
  const database = openedToRead(sqlite, from);
  try {
    await sqlite.backup(database, to);
  } finally {
    database.close();
  }
  // One file is easier to move than one that wants two others beside it.
  const copy = new sqlite.DatabaseSync(to);
  try {
    inOneFile(copy);
  } finally {
    copy.close();
  }
}

/**
 * Has every change in the file itself. In WAL mode changes wait in a second file, which closing moves into the first,
 * and says nothing where the disk has no room for them.
 */
function inOneFile(database: DatabaseSync): void {
  const answer = database.prepare('pragma journal_mode = delete').get();
  if (answer?.journal_mode !== 'delete') throw new Error('changes could not be moved into the database file');
}

/** Throws InputError where a file is not a whole store. */
export async function checkSqlite(file: string): Promise<void> {
  const sqlite = await loadSqlite();
  const problem = problemOf(sqlite, file);
  if (problem === undefined) return;
  throw new InputError(
    `${file} is not a complete store: ${problem}`,
    'use another backup; a store can be rebuilt from its run folders',
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
    return tables.length === 1 ? undefined : 'there is no store in it';
  } catch (error) {
    return messageOf(error);
  } finally {
    database?.close();
  }
}
