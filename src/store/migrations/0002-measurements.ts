import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { z } from 'zod';

interface Before {
  readonly points: {
    readonly id: string;
    readonly sweep_id: string;
    readonly measured_at: string;
    readonly verdict: string;
    readonly raw: string;
  };
  readonly measurements: Before['points'] & { readonly reasons: string };
}

const fidelity = z.object({ fidelity: z.object({ reasons: z.array(z.string()) }).optional() });

/**
 * Separates measurements from published points: an invalid measurement has no row, and queries over points no
 * longer read every raw result.
 */
export const measurements: Migration = {
  up: async (db: Kysely<Before>) => {
    await db.schema
      .createTable('measurements')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('sweep_id', 'text', (column) => column.notNull().references('sweeps.id'))
      .addColumn('measured_at', 'text', (column) => column.notNull())
      .addColumn('verdict', 'text', (column) => column.notNull())
      .addColumn('reasons', 'text', (column) => column.notNull())
      .addColumn('raw', 'text', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('measurements_by_sweep').on('measurements').column('sweep_id').execute();
    const ids = await db.selectFrom('points').select('id').execute();
    for (const { id } of ids) {
      const point = await db
        .selectFrom('points')
        .select(['id', 'sweep_id', 'measured_at', 'verdict', 'raw'])
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      const reasons = fidelity.parse(JSON.parse(point.raw)).fidelity?.reasons ?? [];
      await db
        .insertInto('measurements')
        .values({ ...point, reasons: JSON.stringify(reasons) })
        .execute();
    }
    await db.schema.alterTable('points').dropColumn('raw').execute();
  },
};
