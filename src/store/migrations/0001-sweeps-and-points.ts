import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Sweeps, and points with all of their measured values. */
export const sweepsAndPoints: Migration = {
  up: async (db: Kysely<unknown>) => {
    await db.schema
      .createTable('sweeps')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('created_at', 'text', (column) => column.notNull())
      .addColumn('command', 'text', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('points')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('sweep_id', 'text', (column) => column.notNull().references('sweeps.id'))
      .addColumn('measured_at', 'text', (column) => column.notNull())
      .addColumn('hw', 'text', (column) => column.notNull())
      .addColumn('framework', 'text', (column) => column.notNull())
      .addColumn('precision', 'text', (column) => column.notNull())
      .addColumn('model_prefix', 'text', (column) => column.notNull())
      .addColumn('spec_decoding', 'text', (column) => column.notNull())
      .addColumn('isl', 'integer', (column) => column.notNull())
      .addColumn('osl', 'integer', (column) => column.notNull())
      .addColumn('conc', 'integer', (column) => column.notNull())
      .addColumn('layout', 'text', (column) => column.notNull())
      .addColumn('verdict', 'text', (column) => column.notNull())
      .addColumn('row', 'text', (column) => column.notNull())
      .addColumn('raw', 'text', (column) => column.notNull())
      .execute();
    await db.schema
      .createIndex('points_by_configuration')
      .on('points')
      .columns([
        'model_prefix',
        'isl',
        'osl',
        'hw',
        'framework',
        'precision',
        'spec_decoding',
        'layout',
        'conc',
        'measured_at',
      ])
      .execute();
    await db.schema.createIndex('points_by_sweep').on('points').column('sweep_id').execute();
  },
};
