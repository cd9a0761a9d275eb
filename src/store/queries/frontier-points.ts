import type { Kysely } from 'kysely';
import {
  type Curve,
  curveColumns,
  curveOfColumns,
  curveOrder,
  type IdentityFilter,
} from '../../identity/index.ts';
import type { Schema } from '../schema.ts';
import { configurationConditions, configurationsWith } from './filter.ts';
import { publishedVerdict, type StoredPoint } from './points.ts';

/** The fields of a latest point that a frontier of throughput over interactivity needs. */
export type FrontierPoint = Curve & {
  readonly id: string;
  readonly conc: number;
  /** Tokens per second per user at the median; null if unknown, as below. */
  readonly medianInteractivity: number | null;
  /** Total tokens per second per accelerator. */
  readonly totalTputPerGpu: number | null;
  /** For a disaggregated engine, per decode or per prefill accelerator. */
  readonly outputTputPerGpu: number | null;
  readonly inputTputPerGpu: number | null;
  /** ISO 8601. */
  readonly measuredAt: string;
  readonly verdict: StoredPoint['verdict'];
};

export type FrontierFilter = IdentityFilter;

/**
 * The latest points, including those that lack a figure, ordered by model, shape and hardware. Only a few
 * columns are read, as there may be many points.
 */
export async function frontierPoints(
  db: Kysely<Schema>,
  filter: FrontierFilter = {},
): Promise<FrontierPoint[]> {
  const conditions = configurationConditions(filter);
  let configurations = db
    .selectFrom('configurations')
    .select(['id', ...curveColumns])
    .where(({ and }) => and(conditions));
  for (const column of curveOrder) configurations = configurations.orderBy(column);
  let points = db
    .selectFrom('latest')
    .innerJoin('measurements', 'measurements.id', 'latest.measurement_id')
    .select(['latest.configuration_id', 'measurements.key', 'latest.conc', 'median_intvty', 'tput_per_gpu'])
    .select(['output_tput_per_gpu', 'input_tput_per_gpu', 'latest.measured_at', 'measurements.verdict']);
  const selection = configurationsWith(db, filter);
  if (selection !== undefined) points = points.where('latest.configuration_id', 'in', selection);
  const rows = await points.orderBy('latest.configuration_id').orderBy('latest.conc').execute();
  const byConfiguration = Map.groupBy(rows, (row) => row.configuration_id);
  const curves = await configurations.orderBy('key').execute();
  return curves.flatMap(({ id, ...columns }) => {
    const curve = curveOfColumns(columns);
    return (byConfiguration.get(id) ?? []).map((row) => ({
      id: row.key,
      ...curve,
      conc: row.conc,
      medianInteractivity: row.median_intvty,
      totalTputPerGpu: row.tput_per_gpu,
      outputTputPerGpu: row.output_tput_per_gpu,
      inputTputPerGpu: row.input_tput_per_gpu,
      measuredAt: new Date(row.measured_at).toISOString(),
      verdict: publishedVerdict.parse(row.verdict),
    }));
  });
}
