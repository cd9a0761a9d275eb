import type { Kysely } from 'kysely';
import { type RowIdentity, rowIdentityOf } from '../../identity/index.ts';
import type { Schema } from '../schema.ts';
import { inParts } from './in-parts.ts';

/** What all points of one configuration in one environment share. */
export interface PointIdentity {
  /** The configuration's id, the same in every store. */
  readonly configurationId: string;
  /** Accelerators of the whole layout. */
  readonly gpus: number;
  readonly productVersion: string | null;
  /** The identity of their rows, at some concurrency. */
  readonly row: RowIdentity;
}

/** The row ids of a measurement's configuration and environment. */
export interface IdentityIds {
  readonly configuration_id: number | null;
  readonly environment_id: number | null;
}

/**
 * Finds the identity of measurements. It is read and put together once for all that share it, because the
 * points of a query usually differ only in their concurrency and time. Undefined for a measurement that was
 * removed by another process after it was found.
 */
export async function identitiesOf(
  db: Kysely<Schema>,
  measurements: readonly IdentityIds[],
): Promise<(measurement: IdentityIds) => PointIdentity | undefined> {
  const configurations = await byId(
    measurements.map(({ configuration_id: id }) => id),
    async (ids) => await db.selectFrom('configurations').selectAll().where('id', 'in', ids).execute(),
  );
  const environments = await byId(
    measurements.map(({ environment_id: id }) => id),
    async (ids) => await db.selectFrom('environments').selectAll().where('id', 'in', ids).execute(),
  );
  const identities = new Map<number, Map<number, PointIdentity>>();
  return ({ configuration_id: configurationId, environment_id: environmentId }) => {
    const [configuration, environment] = [
      configurations.get(configurationId),
      environments.get(environmentId),
    ];
    if (configuration === undefined || environment === undefined) return undefined;
    const known = identities.get(configuration.id)?.get(environment.id);
    if (known !== undefined) return known;
    const identity = {
      configurationId: configuration.key,
      gpus: configuration.gpus,
      productVersion: environment.product_version,
      row: rowIdentityOf({ ...environment, ...configuration, conc: 1 }),
    };
    const inEnvironments = identities.get(configuration.id) ?? new Map<number, PointIdentity>();
    identities.set(configuration.id, inEnvironments.set(environment.id, identity));
    return identity;
  };
}

/** Rows by id; null is the id of no row. */
async function byId<Row extends { readonly id: number }>(
  ids: readonly (number | null)[],
  read: (ids: readonly number[]) => Promise<readonly Row[]>,
): Promise<ReadonlyMap<number | null, Row>> {
  const distinct = [...new Set(ids)].filter((id) => id !== null);
  return new Map((await inParts(distinct, read)).map((row) => [row.id, row]));
}
