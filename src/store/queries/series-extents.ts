import type { Kysely } from 'kysely';
import {
  type Chart,
  curveOrder,
  exactly,
  type SeriesIdentity,
  seriesColumns,
  seriesOfColumns,
} from '../../identity/index.ts';
import type { Schema } from '../schema.ts';
import { configurationConditions } from './filter.ts';

/** The extent of one series: points that share everything but layout, concurrency and time. */
export type SeriesExtent = SeriesIdentity & {
  /** Number of published measurements. */
  readonly points: number;
  /** ISO 8601. */
  readonly firstAt: string;
  readonly lastAt: string;
};

/** Every series of a model and shape, ordered by name. */
export async function seriesExtents(db: Kysely<Schema>, chart: Chart): Promise<SeriesExtent[]> {
  const names = seriesColumns.map((column) => `configurations.${column}` as const);
  let query = db
    .selectFrom('configurations')
    .innerJoin('latest', 'latest.configuration_id', 'configurations.id')
    .select(names)
    .select(({ fn }) => [
      fn.sum<number>('points').as('points'),
      fn.min('first_at').as('first'),
      fn.max('measured_at').as('last'),
    ])
    .groupBy(names);
  for (const condition of configurationConditions(exactly(chart))) query = query.where(condition);
  for (const column of curveOrder) if (seriesColumns.includes(column)) query = query.orderBy(column);
  const rows = await query.execute();
  return rows.map((row) => ({
    ...seriesOfColumns(row),
    points: Number(row.points),
    firstAt: new Date(Number(row.first)).toISOString(),
    lastAt: new Date(Number(row.last)).toISOString(),
  }));
}
