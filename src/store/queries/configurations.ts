import type { Kysely } from 'kysely';
import { type Curve, curveOfColumns, curveOrder } from '../../identity/index.ts';
import type { Schema } from '../schema.ts';

/** A configuration: everything requested except the concurrency and the image. */
export type StoredConfiguration = Curve & {
  /** The same in every store. */
  readonly id: string;
  /** Accelerators of the whole layout. */
  readonly gpus: number;
  /** Measured concurrencies, ascending. */
  readonly concurrencies: readonly number[];
  /** ISO 8601, time of its newest published measurement. */
  readonly newestAt: string;
};

/**
 * Every configuration with a published measurement, from which lists of models, hardware and so on are made.
 */
export async function configurations(db: Kysely<Schema>): Promise<StoredConfiguration[]> {
  let query = db
    .selectFrom('latest')
    .innerJoin('configurations', 'configurations.id', 'latest.configuration_id')
    .selectAll('configurations')
    .select(['latest.conc', 'latest.measured_at']);
  for (const column of curveOrder) query = query.orderBy(`configurations.${column}`);
  const rows = await query.orderBy('configurations.key').orderBy('conc').execute();
  const groups = new Map<number, (typeof rows)[number][]>();
  for (const row of rows) groups.set(row.id, [...(groups.get(row.id) ?? []), row]);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    return {
      id: first.key,
      ...curveOfColumns(first),
      gpus: first.gpus,
      concurrencies: group.map(({ conc }) => conc),
      newestAt: new Date(Math.max(...group.map((row) => row.measured_at))).toISOString(),
    };
  });
}
