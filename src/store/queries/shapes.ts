import type { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';

/** Latest points of one model, shape, hardware, engine and precision. */
export interface StoredShape {
  readonly modelPrefix: string;
  readonly isl: number;
  readonly osl: number;
  readonly hw: string;
  readonly framework: string;
  readonly precision: string;
  /** The served model's full name. */
  readonly model: string;
  readonly points: number;
  /** ISO 8601, of the latest points. */
  readonly oldestAt: string;
  readonly newestAt: string;
}

/** What there is to choose from, ordered by model, shape and hardware. */
export async function shapes(db: Kysely<Schema>): Promise<StoredShape[]> {
  const group = [
    ...(['model_prefix', 'isl', 'osl', 'hw', 'framework', 'precision'] as const),
    'environments.model',
  ] as const;
  const rows = await db
    .selectFrom('latest')
    .innerJoin('measurements', 'measurements.id', 'latest.measurement_id')
    .innerJoin('configurations', 'configurations.id', 'latest.configuration_id')
    .innerJoin('environments', 'environments.id', 'measurements.environment_id')
    .select(['model_prefix', 'isl', 'osl', 'hw', 'framework', 'precision', 'environments.model'])
    .select(({ fn }) => [
      fn.countAll<number>().as('points'),
      fn.min('latest.measured_at').as('oldest'),
      fn.max('latest.measured_at').as('newest'),
    ])
    .groupBy([...group])
    .orderBy('model_prefix')
    .orderBy('isl')
    .orderBy('osl')
    .orderBy('hw')
    .orderBy('framework')
    .orderBy('precision')
    .orderBy('environments.model')
    .execute();
  return rows.map(({ model_prefix: modelPrefix, points, oldest, newest, ...names }) => ({
    modelPrefix,
    ...names,
    points: Number(points),
    oldestAt: new Date(Number(oldest)).toISOString(),
    newestAt: new Date(Number(newest)).toISOString(),
  }));
}
