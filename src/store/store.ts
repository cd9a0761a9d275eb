import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { messageOf, WorkError } from '../errors.ts';
import { type AggregateRow, aggregateRowSchema } from '../results/index.ts';
import { type Measured, type QuarantinedFile, readRun, verdictSchema } from './run-files.ts';
import type { Schema } from './schema.ts';

/** What an ingest did, in measurements; running it again on the same files adds nothing. */
export interface IngestOutcome {
  readonly added: number;
  readonly unchanged: number;
  readonly quarantined: readonly QuarantinedFile[];
}

export type Verdict = z.infer<typeof verdictSchema>;

/** A sweep in the store, with how many measurements of each verdict it has. */
export interface StoredSweep {
  readonly id: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** What started it, such as `quickstart`. */
  readonly command: string;
  readonly measurements: Readonly<Record<Verdict, number>>;
}

/** A published point: a measurement that is not invalid, and the row made of it. */
export interface StoredPoint {
  readonly id: string;
  readonly sweepId: string;
  /** ISO 8601. */
  readonly measuredAt: string;
  readonly verdict: Exclude<Verdict, 'invalid'>;
  readonly reasons: readonly string[];
  readonly row: AggregateRow;
}

/** One measurement with everything that is known of it. */
export interface StoredMeasurement {
  readonly id: string;
  readonly sweepId: string;
  /** ISO 8601. */
  readonly measuredAt: string;
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  readonly raw: Readonly<Record<string, unknown>>;
  /** Only of a measurement that became a row. */
  readonly row?: AggregateRow;
}

/** Which points are wanted: those that have every value given. */
export interface PointFilter {
  readonly sweepId?: string | undefined;
  readonly modelPrefix?: string | undefined;
  readonly hw?: string | undefined;
  readonly framework?: string | undefined;
  readonly precision?: string | undefined;
  readonly specDecoding?: string | undefined;
  readonly isl?: number | undefined;
  readonly osl?: number | undefined;
  readonly conc?: number | undefined;
}

const filterColumns = [
  ['sweepId', 'sweep_id'],
  ['modelPrefix', 'model_prefix'],
  ['hw', 'hw'],
  ['framework', 'framework'],
  ['precision', 'precision'],
  ['specDecoding', 'spec_decoding'],
  ['isl', 'isl'],
  ['osl', 'osl'],
  ['conc', 'conc'],
] as const satisfies readonly (readonly [keyof PointFilter, keyof Schema['points']])[];

const reasonsSchema = z.array(z.string());
const publishedVerdict = verdictSchema.exclude(['invalid']);
const documentSchema = z.record(z.string(), z.unknown());

/** Every measurement ever ingested. Nothing in it is changed or deleted by a later ingest. */
export class Store {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /**
   * Takes in a run directory, in one transaction; a malformed file is left out with its reason.
   * Throws InputError where there is no run, and WorkError when the store cannot be written.
   */
  async ingestRun(runDirectory: string): Promise<IngestOutcome> {
    const { sweep, measured, quarantined } = await readRun(runDirectory);
    try {
      return await this.#db.transaction().execute(async (transaction) => {
        await transaction
          .insertInto('sweeps')
          .values(sweep)
          .onConflict((conflict) => conflict.doNothing())
          .execute();
        const refused: QuarantinedFile[] = [];
        let added = 0;
        for (const one of measured) {
          const outcome = await insert(transaction, one);
          if (outcome === 'added') added += 1;
          if (outcome === 'contradicts') refused.push({ file: one.file, reason: contradiction });
        }
        return {
          added,
          unchanged: measured.length - added - refused.length,
          quarantined: [...quarantined, ...refused],
        };
      });
    } catch (error) {
      throw new WorkError(`cannot take ${runDirectory} into the store: ${messageOf(error)}`, {
        cause: error,
        hint: 'nothing of it was taken in; make room or give write permission, then ingest it again',
      });
    }
  }

  /** Sweeps, newest first. */
  async sweeps(): Promise<StoredSweep[]> {
    const counts = await this.#db
      .selectFrom('measurements')
      .select(({ fn }) => ['sweep_id', 'verdict', fn.countAll<number>().as('count')])
      .groupBy(['sweep_id', 'verdict'])
      .execute();
    const count = (id: string, verdict: Verdict) =>
      Number(counts.find((one) => one.sweep_id === id && one.verdict === verdict)?.count ?? 0);
    const sweeps = await this.#db
      .selectFrom('sweeps')
      .selectAll()
      .orderBy('created_at', 'desc')
      .orderBy('id')
      .execute();
    return sweeps.map(({ id, created_at: createdAt, command }) => ({
      id,
      createdAt,
      command,
      measurements: {
        valid: count(id, 'valid'),
        suspect: count(id, 'suspect'),
        invalid: count(id, 'invalid'),
      },
    }));
  }

  /** Of every configuration at every concurrency the latest measurement that may be published. */
  async latestPoints(filter: PointFilter = {}): Promise<StoredPoint[]> {
    let ranked = this.#db
      .selectFrom('points')
      .selectAll()
      .select(
        sql<number>`row_number() over (
          partition by model_prefix, isl, osl, hw, framework, precision, spec_decoding, layout, conc
          order by measured_at desc, id)`.as('age'),
      )
      .where('verdict', '!=', 'invalid');
    for (const [name, column] of filterColumns) {
      const value = filter[name];
      if (value !== undefined) ranked = ranked.where(sql.ref(column), '=', value);
    }
    const rows = await this.#db
      .selectFrom(ranked.as('latest'))
      .innerJoin('measurements', 'measurements.id', 'latest.id')
      .select([
        'latest.id',
        'latest.sweep_id',
        'latest.measured_at',
        'latest.verdict',
        'latest.row',
        'reasons',
      ])
      .where('age', '=', 1)
      .orderBy('model_prefix')
      .orderBy('isl')
      .orderBy('osl')
      .orderBy('hw')
      .orderBy('framework')
      .orderBy('precision')
      .orderBy('spec_decoding')
      .orderBy('layout')
      .orderBy('conc')
      .execute();
    return rows.map(({ id, sweep_id: sweepId, measured_at: measuredAt, verdict, reasons, row }) => ({
      id,
      sweepId,
      measuredAt,
      verdict: publishedVerdict.parse(verdict),
      reasons: reasonsSchema.parse(JSON.parse(reasons)),
      row: aggregateRowSchema.parse(JSON.parse(row)),
    }));
  }

  /** One measurement, published or not; undefined where the store has none of that id. */
  async measurement(id: string): Promise<StoredMeasurement | undefined> {
    const found = await this.#db
      .selectFrom('measurements')
      .leftJoin('points', 'points.id', 'measurements.id')
      .selectAll('measurements')
      .select('points.row')
      .where('measurements.id', '=', id)
      .executeTakeFirst();
    if (found === undefined) return undefined;
    return {
      id: found.id,
      sweepId: found.sweep_id,
      measuredAt: found.measured_at,
      verdict: verdictSchema.parse(found.verdict),
      reasons: reasonsSchema.parse(JSON.parse(found.reasons)),
      raw: documentSchema.parse(JSON.parse(found.raw)),
      ...(found.row === null ? {} : { row: aggregateRowSchema.parse(JSON.parse(found.row)) }),
    };
  }

  async close(): Promise<void> {
    await this.#db.destroy();
  }
}

const contradiction =
  'the store has this measurement with another aggregate row; what is in the store is never changed';

async function insert(
  db: Kysely<Schema>,
  { measurement, point }: Measured,
): Promise<'added' | 'unchanged' | 'contradicts'> {
  const measured = await db
    .insertInto('measurements')
    .values(measurement)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  const isNew = measured.numInsertedOrUpdatedRows === 1n;
  if (point === undefined) return isNew ? 'added' : 'unchanged';
  const published = await db
    .insertInto('points')
    .values(point)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (published.numInsertedOrUpdatedRows === 1n) return 'added';
  const stored = await db
    .selectFrom('points')
    .select('row')
    .where('id', '=', point.id)
    .executeTakeFirstOrThrow();
  return stored.row === point.row ? 'unchanged' : 'contradicts';
}
