import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { z } from 'zod';
import { addColumns } from './table.ts';

const rowsSchema = z.array(z.object({ id: z.number(), more: z.string() }));
const moreSchema = z.looseObject({ product: z.looseObject({ version: z.string() }) });

/** The InferenceMAX version of a measurement, in addition to the JSON that contains it. */
export const productVersion: Migration = {
  up: async (db: Kysely<unknown>) => {
    await addColumns(db, 'environments', { product_version: 'text?' });
    const { rows } = await sql`select id, more from environments where more is not null`.execute(db);
    for (const { id, more } of rowsSchema.parse(rows)) {
      const { data } = moreSchema.safeParse(JSON.parse(more));
      if (data === undefined) continue;
      await sql`update environments set product_version = ${data.product.version} where id = ${id}`.execute(
        db,
      );
    }
  },
};
