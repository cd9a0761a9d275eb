import { type Expression, type ExpressionBuilder, type Kysely, type SqlBool, sql } from 'kysely';
import type { Schema } from '../schema.ts';

/** Which points are wanted: those that have every value given. */
export interface PointFilter {
  /** A sweep's id. */
  readonly sweepId?: string | undefined;
  /** A configuration's id. */
  readonly configurationId?: string | undefined;
  readonly modelPrefix?: string | undefined;
  readonly hw?: string | undefined;
  readonly framework?: string | undefined;
  readonly precision?: string | undefined;
  readonly specDecoding?: string | undefined;
  readonly isl?: number | undefined;
  readonly osl?: number | undefined;
  readonly conc?: number | undefined;
  readonly disagg?: boolean | undefined;
  readonly multinode?: boolean | undefined;
  /** The served model's full name. */
  readonly model?: string | undefined;
  readonly image?: string | undefined;
  /** Measured at or after this time, ISO 8601. */
  readonly since?: string | undefined;
  /** Measured before this time, ISO 8601. */
  readonly until?: string | undefined;
}

const columns = {
  sweepId: 'sweeps.key',
  configurationId: 'configurations.key',
  modelPrefix: 'configurations.model_prefix',
  hw: 'configurations.hw',
  framework: 'configurations.framework',
  precision: 'configurations.precision',
  specDecoding: 'configurations.spec_decoding',
  isl: 'configurations.isl',
  osl: 'configurations.osl',
  conc: 'measurements.conc',
  model: 'environments.model',
  image: 'environments.image',
} as const;

type Tables = 'measurements' | 'configurations' | 'environments' | 'sweeps';

/** The filter as one condition on the joined tables. */
export function matching(filter: PointFilter) {
  return (where: ExpressionBuilder<Schema, Tables>): Expression<SqlBool> => {
    const conditions: Expression<SqlBool>[] = [];
    for (const [name, column] of Object.entries(columns)) {
      const value = filter[name as keyof typeof columns];
      if (value !== undefined) conditions.push(where(sql.ref(column), '=', value));
    }
    const { since, until } = filter;
    for (const [name, column] of Object.entries(truthColumns)) {
      const value = filter[name as keyof typeof truthColumns];
      if (value !== undefined) conditions.push(where(`configurations.${column}`, '=', value ? 1 : 0));
    }
    if (since !== undefined) conditions.push(where('measurements.measured_at', '>=', Date.parse(since)));
    if (until !== undefined) conditions.push(where('measurements.measured_at', '<', Date.parse(until)));
    return where.and(conditions);
  };
}

const truthColumns = { disagg: 'disagg', multinode: 'is_multinode' } as const;

const configurationColumns = {
  configurationId: 'key',
  modelPrefix: 'model_prefix',
  hw: 'hw',
  framework: 'framework',
  precision: 'precision',
  specDecoding: 'spec_decoding',
  isl: 'isl',
  osl: 'osl',
} as const;

/** The ids of the configurations that match; undefined where the filter names none of their fields. */
export function configurationsWith(db: Kysely<Schema>, filter: PointFilter) {
  let query = db.selectFrom('configurations').select('configurations.id');
  let isNamed = false;
  for (const [name, column] of Object.entries(configurationColumns)) {
    const value = filter[name as keyof typeof configurationColumns];
    if (value === undefined) continue;
    query = query.where(sql.ref(`configurations.${column}`), '=', value);
    isNamed = true;
  }
  for (const [name, column] of Object.entries(truthColumns)) {
    const value = filter[name as keyof typeof truthColumns];
    if (value === undefined) continue;
    query = query.where(`configurations.${column}`, '=', value ? 1 : 0);
    isNamed = true;
  }
  return isNamed ? query : undefined;
}

/** The ids of the environments that match. */
export function environmentsWith(db: Kysely<Schema>, { image, model }: Pick<PointFilter, 'image' | 'model'>) {
  let query = db.selectFrom('environments').select('environments.id');
  if (image !== undefined) query = query.where('environments.image', '=', image);
  if (model !== undefined) query = query.where('environments.model', '=', model);
  return query;
}
