import { type Expression, type ExpressionBuilder, type Kysely, type SqlBool, sql } from 'kysely';
import { type AskedField, askedFields, type IdentityFilter } from '../../identity/index.ts';
import type { Schema } from '../schema.ts';

/** A filter of points: those that match every given value. */
export interface PointFilter extends IdentityFilter {
  /** A sweep's id. */
  readonly sweepId?: string | undefined;
  /** A configuration's id. */
  readonly configurationId?: string | undefined;
  /** Measured at or after this time, ISO 8601. */
  readonly since?: string | undefined;
  /** Measured before this time, ISO 8601. */
  readonly until?: string | undefined;
}

type Tables = 'measurements' | 'configurations' | 'environments' | 'sweeps';

/** The filter as one condition on the joined tables. */
export function matching(filter: PointFilter) {
  return (where: ExpressionBuilder<Schema, Tables>): Expression<SqlBool> => {
    const { sweepId, configurationId, since, until } = filter;
    const conditions: Expression<SqlBool>[] = askedFields(filter).map(conditionOf);
    if (sweepId !== undefined) conditions.push(where('sweeps.key', '=', sweepId));
    if (configurationId !== undefined) conditions.push(where('configurations.key', '=', configurationId));
    if (since !== undefined) conditions.push(where('measurements.measured_at', '>=', Date.parse(since)));
    if (until !== undefined) conditions.push(where('measurements.measured_at', '<', Date.parse(until)));
    return where.and(conditions);
  };
}

/** A product also matches by its name alone, in any version. */
function conditionOf({ table, column, value, isNameToo }: AskedField): Expression<SqlBool> {
  const reference = sql.ref(`${table}.${column}`);
  if (value === null) return sql<SqlBool>`${reference} is null`;
  if (!isNameToo) return sql<SqlBool>`${reference} = ${value}`;
  const beginning = `${value} `;
  return sql<SqlBool>`(${reference} = ${value} or substr(${reference}, 1, ${sql.lit(beginning.length)}) = ${beginning})`;
}

/** The conditions of a filter on the table of configurations. */
export function configurationConditions(filter: IdentityFilter): Expression<SqlBool>[] {
  return askedFields(filter)
    .filter(({ table }) => table === 'configurations')
    .map(conditionOf);
}

/** The ids of the matching configurations; undefined if the filter has none of their fields. */
export function configurationsWith(db: Kysely<Schema>, filter: PointFilter) {
  const conditions = configurationConditions(filter);
  const { configurationId } = filter;
  if (conditions.length === 0 && configurationId === undefined) return undefined;
  let query = db.selectFrom('configurations').select('configurations.id');
  if (configurationId !== undefined) query = query.where('configurations.key', '=', configurationId);
  for (const condition of conditions) query = query.where(condition);
  return query;
}

/** Whether a filter has fields of the environment, such as an image. */
export function asksForEnvironment(filter: PointFilter): boolean {
  return askedFields(filter).some(({ table }) => table === 'environments');
}

/** The ids of the matching environments. */
export function environmentsWith(db: Kysely<Schema>, filter: PointFilter) {
  let query = db.selectFrom('environments').select('environments.id');
  for (const asked of askedFields(filter))
    if (asked.table === 'environments') query = query.where(conditionOf(asked));
  return query;
}
