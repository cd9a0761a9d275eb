import type { Kysely } from 'kysely';
import { chartedFields, throughputColumns } from '../metric-columns.ts';
import { rowOf } from '../row.ts';
import type { Schema } from '../schema.ts';
import type { PointFilter } from './filter.ts';
import { identitiesOf } from './identities.ts';
import { inParts } from './in-parts.ts';
import { confidenceOf, placesOnPage, publishedVerdict, type StoredPoint } from './points.ts';

/** The fields of a published point that charts need; its row has the median, p90 and p99 of latencies. */
export type ChartPoint = Omit<StoredPoint, 'reasons' | 'facts'>;

const columns = [...throughputColumns, ...chartedFields.map(([, column]) => column)];

/**
 * The newest `most` published points that match, oldest first. Only a few columns are read, as there may be
 * many points.
 */
export async function chartPoints(
  db: Kysely<Schema>,
  filter: PointFilter,
  most = Number.MAX_SAFE_INTEGER,
): Promise<ChartPoint[]> {
  const places = await placesOnPage(db, filter, undefined, most);
  const ids = places.map(({ id }) => id);
  const found = await inParts(ids, async (some) => await selectRows(db, some));
  const identityOf = await identitiesOf(db, found);
  const byId = new Map(found.map((row) => [row.id, row]));
  return ids.toReversed().flatMap((id): ChartPoint[] => {
    const row = byId.get(id);
    const identity = row && identityOf(row);
    if (row === undefined || identity === undefined || row.conc === null) return [];
    return [
      {
        id: row.key,
        sweepId: row.sweep_key,
        source: row.source,
        runUrl: row.url,
        configurationId: identity.configurationId,
        measuredAt: new Date(row.measured_at).toISOString(),
        verdict: publishedVerdict.parse(row.verdict),
        row: rowOf(identity.row, row.conc, row, chartedFields),
        gpus: identity.gpus,
        powerW: row.power_w,
        productVersion: identity.productVersion,
        confidence95: confidenceOf(row.confidence_95),
      },
    ];
  });
}

async function selectRows(db: Kysely<Schema>, ids: readonly number[]) {
  return await db
    .selectFrom('measurements')
    .innerJoin('sweeps', 'sweeps.id', 'measurements.sweep_id')
    .select(['measurements.id', 'measurements.key', 'configuration_id', 'environment_id'])
    .select(['sweeps.key as sweep_key', 'sweeps.source', 'sweeps.url'])
    .select(['measured_at', 'verdict', 'conc', 'power_w', 'confidence_95'])
    .select(['measurements.more', ...columns])
    .where('measurements.id', 'in', ids)
    .execute();
}
