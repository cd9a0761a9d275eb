import type { Kysely } from 'kysely';
import {
  type Chart,
  curveOrder,
  exactly,
  type IdentityFilter,
  type SeriesIdentity,
  seriesColumns,
  seriesOfColumns,
} from '../../identity/index.ts';
import type { Schema } from '../schema.ts';
import { configurationsWith } from './filter.ts';

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
  const filter = exactly(chart);
  let query = db
    .selectFrom('configurations')
    .innerJoin(
      extentsOfConfigurations(db, filter).as('extents'),
      'extents.configuration_id',
      'configurations.id',
    )
    .select(names)
    .select(({ fn }) => [
      fn.sum<number>('extents.points').as('points'),
      fn.min('extents.first').as('first'),
      fn.max('extents.last').as('last'),
    ])
    .groupBy(names);
  for (const column of curveOrder) if (seriesColumns.includes(column)) query = query.orderBy(column);
  const rows = await query.execute();
  return rows.map((row) => ({
    ...seriesOfColumns(row),
    points: Number(row.points),
    firstAt: new Date(Number(row.first)).toISOString(),
    lastAt: new Date(Number(row.last)).toISOString(),
  }));
}

/** Configurations are summed up first, because there are far fewer of them than concurrencies. */
function extentsOfConfigurations(db: Kysely<Schema>, filter: IdentityFilter) {
  const extents = db
    .selectFrom('latest')
    .select(({ fn }) => [
      'configuration_id',
      fn.sum<number>('points').as('points'),
      fn.min('first_at').as('first'),
      fn.max('measured_at').as('last'),
    ])
    .groupBy('configuration_id');
  const selection = configurationsWith(db, filter);
  return selection === undefined ? extents : extents.where('configuration_id', 'in', selection);
}
