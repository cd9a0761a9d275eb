import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Kysely, SqliteDialect, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { messageOf, WorkError } from '../errors.ts';
import { lock } from '../process/lock.ts';
import { type AggregateRow, aggregateRowSchema } from '../results/index.ts';
import { migrations } from './migrations.ts';
import { type QuarantinedFile, readRun } from './run-files.ts';
import type { PointTable, Schema, SweepTable } from './schema.ts';
import { openSqlite } from './sqlite.ts';

/** What an ingest did; running it again on the same files adds nothing. */
export interface IngestOutcome {
  readonly added: number;
  readonly unchanged: number;
  readonly quarantined: readonly QuarantinedFile[];
}

/** A measured point as the store gives it back. */
export interface StoredPoint {
  readonly id: string;
  readonly sweepId: string;
  /** ISO 8601. */
  readonly measuredAt: string;
  readonly verdict: string;
  readonly row: AggregateRow;
  readonly raw: Readonly<Record<string, unknown>>;
}

/** Every measurement ever ingested. Nothing in it is changed or deleted by a later ingest. */
export class Store {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Takes in a run directory, in one transaction; a malformed file is left out with its reason. */
  async ingestRun(runDirectory: string): Promise<IngestOutcome> {
    const { sweep, points, quarantined } = await readRun(runDirectory);
    const added = await this.#db.transaction().execute(async (transaction) => {
      await transaction
        .insertInto('sweeps')
        .values(sweep)
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      let inserted = 0;
      for (const point of points) {
        const result = await transaction
          .insertInto('points')
          .values(point)
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        inserted += Number(result.numInsertedOrUpdatedRows ?? 0);
      }
      return inserted;
    });
    return { added, unchanged: points.length - added, quarantined };
  }

  /** Sweeps, newest first. */
  async sweeps(): Promise<readonly SweepTable[]> {
    return await this.#db.selectFrom('sweeps').selectAll().orderBy('created_at', 'desc').execute();
  }

  /** The latest measurement of every configuration at every concurrency; of one sweep only, where one is named. */
  async latestPoints(filter: { readonly sweepId?: string } = {}): Promise<StoredPoint[]> {
    const ranked = this.#db
      .selectFrom('points')
      .selectAll()
      .select(
        sql<number>`row_number() over (
          partition by model_prefix, isl, osl, hw, framework, precision, spec_decoding, layout, conc
          order by measured_at desc, id)`.as('age'),
      )
      .$if(filter.sweepId !== undefined, (query) => query.where('sweep_id', '=', filter.sweepId ?? ''));
    const rows = await this.#db
      .selectFrom(ranked.as('ranked'))
      .selectAll()
      .where('age', '=', 1)
      .orderBy('model_prefix')
      .orderBy('isl')
      .orderBy('osl')
      .orderBy('hw')
      .orderBy('framework')
      .orderBy('precision')
      .orderBy('conc')
      .execute();
    return rows.map(storedPoint);
  }

  async close(): Promise<void> {
    await this.#db.destroy();
  }
}

/** Opens the embedded store, creating it and bringing its schema up to date; throws WorkError when it cannot. */
export async function openStore(path: string): Promise<Store> {
  await mkdir(dirname(path), { recursive: true });
  // Two processes that create the same store at once would both try to create its tables.
  const release = await lock(`${path}.lock`, { signal: AbortSignal.timeout(60_000), onWait: () => {} });
  try {
    const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: openSqlite(path) }) });
    const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) {
      await db.destroy();
      throw error;
    }
    return new Store(db);
  } catch (error) {
    throw new WorkError(`cannot open the store ${path}: ${messageOf(error)}`, {
      cause: error,
      hint: 'if the file is damaged, move it away and ingest the run folders again: they hold everything',
    });
  } finally {
    await release();
  }
}

function storedPoint(point: PointTable): StoredPoint {
  const raw: Readonly<Record<string, unknown>> = JSON.parse(point.raw);
  return {
    id: point.id,
    sweepId: point.sweep_id,
    measuredAt: point.measured_at,
    verdict: point.verdict,
    row: aggregateRowSchema.parse(JSON.parse(point.row)),
    raw,
  };
}
