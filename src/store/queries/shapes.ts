import type { Kysely } from 'kysely';
import {
  type Chart,
  type Curve,
  chartColumns,
  chartOfColumns,
  searchedColumns,
} from '../../identity/index.ts';
import type { Schema } from '../schema.ts';
import { markedSources } from '../sources.ts';

/** Summary of the latest points of one model, shape, hardware, engine and precision. */
export type StoredShape = Chart &
  Pick<Curve, 'hw' | 'framework' | 'precision'> & {
    /** The served model's full name. */
    readonly model: string;
    readonly points: number;
    /** ISO 8601, of the latest points. */
    readonly oldestAt: string;
    readonly newestAt: string;
  };

/** All available shapes, ordered by model, shape and hardware. */
export async function shapes(db: Kysely<Schema>): Promise<StoredShape[]> {
  const group = [
    ...chartColumns.map((column) => `configurations.${column}` as const),
    ...searchedColumns.map((name) => `configurations.${name}` as const),
    'environments.model',
  ] as const;
  let query = db
    .selectFrom('latest')
    .innerJoin('measurements', 'measurements.id', 'latest.measurement_id')
    .innerJoin('configurations', 'configurations.id', 'latest.configuration_id')
    .innerJoin('environments', 'environments.id', 'measurements.environment_id')
    .select(group)
    .select(({ fn }) => [
      fn.countAll<number>().as('points'),
      fn.min('latest.measured_at').as('oldest'),
      fn.max('latest.measured_at').as('newest'),
    ])
    .groupBy([...group]);
  for (const column of group) query = query.orderBy(column);
  const rows = await query.execute();
  return rows.map((row) => ({
    ...chartOfColumns(row),
    hw: row.hw,
    framework: row.framework,
    precision: row.precision,
    model: row.model,
    points: Number(row.points),
    oldestAt: new Date(Number(row.oldest)).toISOString(),
    newestAt: new Date(Number(row.newest)).toISOString(),
  }));
}

/** Number of latest points of one model, shape and hardware that have the mark of their source. */
export type MarkedPoints = Chart & {
  readonly hw: string;
  /** One of `markedSources`. */
  readonly source: string;
  readonly points: number;
};

export async function markedPoints(db: Kysely<Schema>): Promise<MarkedPoints[]> {
  const group = [
    ...chartColumns.map((column) => `configurations.${column}` as const),
    'configurations.hw',
    'sweeps.source',
  ] as const;
  const rows = await db
    .selectFrom('latest')
    .innerJoin('measurements', 'measurements.id', 'latest.measurement_id')
    .innerJoin('sweeps', 'sweeps.id', 'measurements.sweep_id')
    .innerJoin('configurations', 'configurations.id', 'latest.configuration_id')
    .where(
      'sweeps.source',
      'in',
      markedSources.map(({ name }) => name),
    )
    .select(group)
    .select(({ fn }) => fn.countAll<number>().as('points'))
    .groupBy([...group])
    .execute();
  return rows.map((row) => ({
    ...chartOfColumns(row),
    hw: row.hw,
    source: row.source,
    points: Number(row.points),
  }));
}
