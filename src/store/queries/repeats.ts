import type { Kysely } from 'kysely';
import { environmentColumns } from '../../identity/index.ts';
import type { Schema } from '../schema.ts';
import { pointsOfConfigurations, type StoredPoint } from './points.ts';

/** A published point with its tool and environment. */
export interface ClientPoint extends StoredPoint {
  /** The tool that measured: `inferencemax`, `vllm` and so on, or `public` for public rows. */
  readonly client: string;
  /**
   * Equal for measurements that can differ only by noise: same tool, model, image, accelerator and driver.
   */
  readonly environment: string;
}

/** Every published measurement of the configurations with these ids, optionally since a time (ISO 8601). */
export async function measurementsOf(
  db: Kysely<Schema>,
  configurationIds: readonly string[],
  since?: string,
): Promise<ClientPoint[]> {
  const environments = await db
    .selectFrom('environments')
    .select(['id', 'client', 'image_digest', 'gpu', 'driver', ...environmentColumns])
    .execute();
  const byId = new Map<number | null, Pick<ClientPoint, 'client' | 'environment'>>(
    environments.map(({ id, ...one }) => [
      id,
      { client: one.client, environment: JSON.stringify(Object.values(one)) },
    ]),
  );
  const points = await pointsOfConfigurations(db, configurationIds, since);
  return points.map(({ environmentId, point }) => {
    const environment = byId.get(environmentId) ?? { client: '', environment: '' };
    return { ...point, ...environment };
  });
}
