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
  const places = await db
    .selectFrom('latest')
    .select(['configuration_id', 'conc', 'measured_at'])
    .orderBy('configuration_id')
    .orderBy('conc')
    .execute();
  const measured = new Map<number, { readonly concurrencies: number[]; newestMs: number }>();
  for (const { configuration_id: id, conc, measured_at: atMs } of places) {
    const known = measured.get(id);
    if (known === undefined) measured.set(id, { concurrencies: [conc], newestMs: atMs });
    else {
      known.concurrencies.push(conc);
      known.newestMs = Math.max(known.newestMs, atMs);
    }
  }
  let query = db.selectFrom('configurations').selectAll();
  for (const column of curveOrder) query = query.orderBy(column);
  const rows = await query.orderBy('key').execute();
  return rows.flatMap((row) => {
    const found = measured.get(row.id);
    if (found === undefined) return [];
    const { concurrencies, newestMs } = found;
    return {
      id: row.key,
      ...curveOfColumns(row),
      gpus: row.gpus,
      concurrencies,
      newestAt: new Date(newestMs).toISOString(),
    };
  });
}
