import type { Kysely, Selectable } from 'kysely';
import { environmentColumns, rowOfConfiguration, servedOfColumns } from '../../identity/index.ts';
import { chartedLatencies, throughputColumns } from '../metric-columns.ts';
import { latenciesOf, moreFields, throughputsOf } from '../row.ts';
import type { ConfigurationTable, Schema } from '../schema.ts';
import type { PointFilter } from './filter.ts';
import { inParts } from './in-parts.ts';
import { confidenceOf, placesOnPage, publishedVerdict, type StoredPoint } from './points.ts';

/** The fields of a published point that charts need; its row has the median, p90 and p99 of latencies. */
export type ChartPoint = Omit<StoredPoint, 'reasons' | 'facts'>;

const columns = [...throughputColumns, ...chartedLatencies.map(([, column]) => column)];

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
  const byId = new Map(found.map((row) => [row.id, row]));
  const rows = ids.flatMap((id) => byId.get(id) ?? []);
  const configurations = await configurationsOf(db, new Set(rows.map((row) => row.configuration_id)));
  return rows.toReversed().map((row): ChartPoint => {
    const configuration = configurations.get(row.configuration_id);
    if (configuration === undefined) throw new Error(`configuration ${row.configuration_id} is not there`);
    return {
      id: row.key,
      sweepId: row.sweep_key,
      source: row.source,
      runUrl: row.url,
      configurationId: configuration.id,
      measuredAt: new Date(row.measured_at).toISOString(),
      verdict: publishedVerdict.parse(row.verdict),
      row: {
        ...configuration.row,
        conc: row.conc ?? 0,
        ...servedOfColumns(row),
        ...throughputsOf(row),
        ...latenciesOf(row, chartedLatencies),
        ...moreFields(row.more),
      },
      gpus: configuration.gpus,
      powerW: row.power_w,
      productVersion: row.product_version,
      confidence95: confidenceOf(row.confidence_95),
    };
  });
}

async function selectRows(db: Kysely<Schema>, ids: readonly number[]) {
  return await db
    .selectFrom('measurements')
    .innerJoin('environments', 'environments.id', 'measurements.environment_id')
    .innerJoin('sweeps', 'sweeps.id', 'measurements.sweep_id')
    .select([
      'measurements.id',
      'measurements.key',
      'measurements.configuration_id',
      'sweeps.key as sweep_key',
      'sweeps.source',
      'sweeps.url',
    ])
    .select('environments.product_version')
    .select(environmentColumns.map((column) => `environments.${column}` as const))
    .select(['measured_at', 'verdict', 'conc', 'power_w', 'confidence_95'])
    .select(['measurements.more', ...columns])
    .where('measurements.id', 'in', ids)
    .execute();
}

/** Configurations by row id, with what their rows have in common. */
async function configurationsOf(db: Kysely<Schema>, ids: ReadonlySet<number | null>) {
  const named = [...ids].filter((id) => id !== null);
  const rows = await inParts(
    named,
    async (some) => await db.selectFrom('configurations').selectAll().where('id', 'in', some).execute(),
  );
  return new Map<number | null, ReturnType<typeof sharedBy>>(rows.map((row) => [row.id, sharedBy(row)]));
}

function sharedBy(configuration: Selectable<ConfigurationTable>) {
  const { key: id, gpus } = configuration;
  // The values of a point are filled in separately; the fields keep their order in the row.
  return { id, gpus, row: rowOfConfiguration(configuration) };
}
