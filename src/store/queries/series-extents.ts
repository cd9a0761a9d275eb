import type { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';

/** How much was measured of one series: points that share everything but layout, concurrency and time. */
export interface SeriesExtent {
  readonly hw: string;
  readonly framework: string;
  readonly precision: string;
  readonly specDecoding: string;
  readonly disagg: boolean;
  readonly multinode: boolean;
  /** Published measurements of all time. */
  readonly points: number;
  /** ISO 8601. */
  readonly firstAt: string;
  readonly lastAt: string;
}

/** Every series of a model and shape, ordered by its names. */
export async function seriesExtents(
  db: Kysely<Schema>,
  { modelPrefix, isl, osl }: { readonly modelPrefix: string; readonly isl: number; readonly osl: number },
): Promise<SeriesExtent[]> {
  const names = ['hw', 'framework', 'precision', 'spec_decoding', 'disagg', 'is_multinode'] as const;
  const rows = await db
    .selectFrom('configurations')
    .innerJoin('latest', 'latest.configuration_id', 'configurations.id')
    .select([...names])
    .select(({ fn }) => [
      fn.sum<number>('points').as('points'),
      fn.min('first_at').as('first'),
      fn.max('measured_at').as('last'),
    ])
    .where('model_prefix', '=', modelPrefix)
    .where('isl', '=', isl)
    .where('osl', '=', osl)
    .groupBy([...names])
    .orderBy('hw')
    .orderBy('framework')
    .orderBy('precision')
    .orderBy('spec_decoding')
    .orderBy('disagg')
    .orderBy('is_multinode')
    .execute();
  return rows.map((row) => ({
    ...{ hw: row.hw, framework: row.framework, precision: row.precision, specDecoding: row.spec_decoding },
    disagg: row.disagg === 1,
    multinode: row.is_multinode === 1,
    points: Number(row.points),
    firstAt: new Date(Number(row.first)).toISOString(),
    lastAt: new Date(Number(row.last)).toISOString(),
  }));
}
