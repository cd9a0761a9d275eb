import { type Kysely, sql } from 'kysely';
import { dialectOf } from '../dialect.ts';
import type { Schema } from '../schema.ts';

/** The contents of a store. */
export interface StoreStats {
  readonly sweeps: number;
  readonly configurations: number;
  /** Number of measurements by verdict. */
  readonly measurements: Readonly<Record<string, number>>;
  readonly attempts: number;
  readonly evals: number;
  readonly changelogEntries: number;
  readonly quarantined: number;
  /** Size on disk. */
  readonly bytes: number;
  /** The applied migrations. */
  readonly migrations: readonly string[];
}

const tables = {
  sweeps: 'sweeps',
  configurations: 'configurations',
  attempts: 'attempts',
  evals: 'evals',
  changelogEntries: 'changelog_entries',
  quarantined: 'quarantine',
} as const;

/** Counts the contents of a store, and its size on disk. */
export async function stats(db: Kysely<Schema>): Promise<StoreStats> {
  const rows = { sweeps: 0, configurations: 0, attempts: 0, evals: 0, changelogEntries: 0, quarantined: 0 };
  for (const [name, table] of Object.entries(tables)) {
    const { count } = await db
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    rows[name as keyof typeof tables] = Number(count);
  }
  const verdicts = await db
    .selectFrom('counts')
    .select(({ fn }) => ['outcome', fn.sum<number>('count').as('count')])
    .where('kind', '=', 'measurement')
    .groupBy('outcome')
    .orderBy('outcome')
    .execute();
  const migrations = await db
    .withTables<{ kysely_migration: { readonly name: string } }>()
    .selectFrom('kysely_migration')
    .select('name')
    .orderBy('name')
    .execute();
  return {
    ...rows,
    measurements: Object.fromEntries(verdicts.map(({ outcome, count }) => [outcome, Number(count)])),
    bytes: await bytesOf(db),
    migrations: migrations.map(({ name }) => name),
  };
}

async function bytesOf(db: Kysely<Schema>): Promise<number> {
  const query =
    dialectOf(db) === 'sqlite'
      ? sql<{
          bytes: number;
        }>`select page_count * page_size as bytes from pragma_page_count(), pragma_page_size()`
      : sql<{ bytes: number }>`select pg_database_size(current_database()) as bytes`;
  const { rows } = await query.execute(db);
  return Number(rows[0]?.bytes ?? 0);
}
