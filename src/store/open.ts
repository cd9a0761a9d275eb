import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Dialect, Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { messageOf, WorkError } from '../errors.ts';
import { lock } from '../process/lock.ts';
import { migrations } from './migrations/index.ts';
import { isPostgresUrl, postgresDialect, withoutPassword } from './postgres.ts';
import type { Schema } from './schema.ts';
import { sqliteDialect } from './sqlite.ts';
import { Store } from './store.ts';

/** How long another process may take to create or migrate the same store. */
const lockTimeoutMs = 60_000;

/**
 * Opens a store, creating it and bringing its schema up to date: a file, or a PostgreSQL database by its URL.
 * Throws WorkError when it cannot.
 */
export async function openStore(location: string): Promise<Store> {
  return new Store(await openDatabase(location));
}

/** The database of a store, its schema up to date. */
export async function openDatabase(location: string): Promise<Kysely<Schema>> {
  return isPostgresUrl(location) ? await openPostgres(location) : await openSqlite(location);
}

async function openPostgres(url: string): Promise<Kysely<Schema>> {
  try {
    return await migrated(postgresDialect(url), withoutPassword(url));
  } catch (error) {
    if (error instanceof WorkError) throw error;
    throw new WorkError(`cannot open the store ${withoutPassword(url)}: ${messageOf(error)}`, {
      cause: error,
      hint: 'check that the server runs, that the database exists and that the user may create tables in it',
    });
  }
}

async function openSqlite(path: string): Promise<Kysely<Schema>> {
  try {
    await mkdir(dirname(path), { recursive: true });
    // Two processes that create the same store at once would both try to create its tables.
    const release = await lock(`${path}.lock`, {
      signal: AbortSignal.timeout(lockTimeoutMs),
      onWait: () => {},
    });
    try {
      return await migrated(await sqliteDialect(path), path);
    } finally {
      await release();
    }
  } catch (error) {
    if (error instanceof WorkError) throw error;
    throw new WorkError(`cannot open the store ${path}: ${messageOf(error)}`, {
      cause: error,
      hint: 'if the file is damaged, move it away and ingest the run folders again: they hold everything',
    });
  }
}

async function migrated(dialect: Dialect, name: string): Promise<Kysely<Schema>> {
  const db = new Kysely<Schema>({ dialect });
  try {
    const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
    await refuseNewer(db, name);
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw error;
    return db;
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

/** A store that a newer version has migrated must not be written by this one. */
async function refuseNewer(db: Kysely<Schema>, path: string): Promise<void> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === 'kysely_migration')) return;
  const known = db.withTables<{ kysely_migration: { readonly name: string } }>();
  const done = await known.selectFrom('kysely_migration').select('name').execute();
  if (done.every(({ name }) => Object.hasOwn(migrations, name))) return;
  throw new WorkError(`the store ${path} was made by a newer version of this product`, {
    hint: 'update this one, or name another store',
  });
}
