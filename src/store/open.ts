import { constants, existsSync } from 'node:fs';
import { access, mkdir, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Dialect, Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { defined } from '../defined/defined.ts';
import { InputError, messageOf, WorkError } from '../errors.ts';
import { lock } from '../process/lock.ts';
import { migrations } from './migrations/index.ts';
import { isPostgresUrl, postgresDialect, withoutPassword } from './postgres.ts';
import type { Schema } from './schema.ts';
import { hasTables, sqliteDialect } from './sqlite.ts';
import { type Store, storeIn } from './store.ts';
import { storeTrouble } from './trouble.ts';
import { placeWhole } from './whole-file.ts';

/** How long to wait for another process to create or migrate the same store. */
const lockTimeoutMs = 60_000;

/** The access that is needed. `read` also opens a read-only file. */
export type Access = 'read' | 'write';

/**
 * Opens a store, a file or a PostgreSQL URL; creates it or migrates its schema if needed.
 * Throws InputError if the file is not a store, and WorkError if it cannot be opened.
 */
export async function openStore(location: string, access: Access = 'write'): Promise<Store> {
  return storeIn(await openDatabase(location, access), location);
}

/** A temporary store in memory. */
export async function storeInMemory(): Promise<Store> {
  const name = ':memory:';
  return storeIn(await migrated(await sqliteDialect(name), name), name);
}

/** Opens the database of a store and migrates its schema. */
export async function openDatabase(location: string, access: Access = 'write'): Promise<Kysely<Schema>> {
  try {
    if (isPostgresUrl(location)) return await migrated(postgresDialect(location), withoutPassword(location));
    if (access === 'read' && !(await isWritable(location)))
      return await upToDate(await readOnlyDialect(location), location);
    return await alone(location, async () => {
      if (!existsSync(location)) await makeSqlite(location);
      else await requireStore(location);
      return await migrated(await sqliteDialect(location), location);
    });
  } catch (error) {
    const known = storeTrouble(error, location, 'open the store');
    if (known instanceof WorkError || known instanceof InputError) throw known;
    const hint = isPostgresUrl(location)
      ? 'check that the server runs, that the database exists and that the user may create tables in it'
      : undefined;
    throw new WorkError(`cannot open the store ${withoutPassword(location)}: ${messageOf(error)}`, {
      code: 'store-failed',
      cause: error,
      ...defined({ hint }),
    });
  }
}

/** Migrates a file that no one else has open, and leaves all changes in that file. */
export async function bringUpToDate(file: string): Promise<void> {
  await (await migrated(await sqliteDialect(file, 'make'), file)).destroy();
}

/** Runs work under a lock, because two processes that create the same store would both create its tables. */
async function alone<T>(path: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const release = await lock(`${path}.lock`, {
    signal: AbortSignal.timeout(lockTimeoutMs),
    onWait: () => {},
  });
  try {
    return await work();
  } finally {
    await release();
  }
}

/**
 * A new store gets its name when it is complete, so a file without tables was emptied, not left by an
 * interrupted creation.
 */
async function makeSqlite(path: string): Promise<void> {
  // Temporary files that versions before 0.2 left when interrupted.
  for (const suffix of ['', '-wal', '-shm']) await rm(`${path}.making${suffix}`, { force: true });
  await placeWhole(path, bringUpToDate);
}

/** Throws InputError if the path exists but is not a store. */
async function requireStore(path: string): Promise<void> {
  const found = await stat(path);
  if (found.isDirectory())
    throw new InputError(`${path} is a folder`, 'pass the file of a store', { code: 'file-unreadable' });
  if (!found.isFile())
    throw new InputError(`${path} is not a regular file`, 'pass the file of a store', {
      code: 'file-unreadable',
    });
  if (found.size === 0 || !(await hasTables(path))) {
    throw new InputError(
      `${path} does not contain a store`,
      'the file was emptied or never was a store: restore a backup, or move it away and ingest the run folders again',
      { code: 'bad-store' },
    );
  }
}

async function isWritable(path: string): Promise<boolean> {
  try {
    for (const one of [path, dirname(path)]) await access(one, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

async function readOnlyDialect(path: string): Promise<Dialect> {
  await requireStore(path);
  return await sqliteDialect(path, 'read');
}

/** A store that is only read cannot be migrated, so its schema must be current. */
async function upToDate(dialect: Dialect, path: string): Promise<Kysely<Schema>> {
  const db = new Kysely<Schema>({ dialect });
  try {
    const done = await doneMigrations(db);
    refuseNewer(done, path);
    if (Object.keys(migrations).some((name) => !done.includes(name))) {
      throw new WorkError(
        `the store ${path} was created by an older version, and this user may not upgrade it`,
        { code: 'store-version', hint: 'ask a user with write access to run `inferencemax store migrate`' },
      );
    }
    return db;
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

async function migrated(dialect: Dialect, name: string): Promise<Kysely<Schema>> {
  const db = new Kysely<Schema>({ dialect });
  try {
    const migrator = new Migrator({
      db,
      provider: { getMigrations: async () => ({ ...migrations }) },
      // A store of a development version may have a migration but not one before it that was merged later.
      allowUnorderedMigrations: true,
    });
    refuseNewer(await doneMigrations(db), name);
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw error;
    return db;
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

async function doneMigrations(db: Kysely<Schema>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === 'kysely_migration')) return [];
  const known = db.withTables<{ kysely_migration: { readonly name: string } }>();
  return (await known.selectFrom('kysely_migration').select('name').execute()).map(({ name }) => name);
}

/** Refuses a store that a newer version has migrated. */
function refuseNewer(done: readonly string[], path: string): void {
  if (done.every((name) => Object.hasOwn(migrations, name))) return;
  throw new WorkError(`the store ${path} was created by a newer version of InferenceMAX`, {
    code: 'store-version',
    hint: 'update this installation, or use another store',
  });
}
