import type { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';
import { publishedVerdict, type StoredPoint } from './points.ts';

/** A latest point, as far as a frontier of throughput over interactivity needs it. */
export interface FrontierPoint {
  readonly id: string;
  readonly modelPrefix: string;
  readonly isl: number;
  readonly osl: number;
  readonly hw: string;
  readonly framework: string;
  readonly precision: string;
  readonly specDecoding: string;
  readonly disagg: boolean;
  readonly multinode: boolean;
  readonly conc: number;
  /** Tokens per second and user, at the median; null, as below, is not known. */
  readonly medianInteractivity: number | null;
  /** All tokens, per second and accelerator. */
  readonly totalTputPerGpu: number | null;
  /** Of a disaggregated engine per decode and per prefill accelerator. */
  readonly outputTputPerGpu: number | null;
  readonly inputTputPerGpu: number | null;
  /** ISO 8601. */
  readonly measuredAt: string;
  readonly verdict: StoredPoint['verdict'];
}

export interface FrontierFilter {
  readonly modelPrefix?: string | undefined;
  readonly isl?: number | undefined;
  readonly osl?: number | undefined;
  readonly precision?: string | undefined;
}

/** The latest points, also those that lack a figure, ordered by model, shape and hardware: few columns, as there may be many. */
export async function frontierPoints(db: Kysely<Schema>, filter: FrontierFilter): Promise<FrontierPoint[]> {
  let query = db
    .selectFrom('latest')
    .innerJoin('measurements', 'measurements.id', 'latest.measurement_id')
    .innerJoin('configurations', 'configurations.id', 'latest.configuration_id')
    .select(['measurements.key', 'model_prefix', 'isl', 'osl', 'hw', 'framework', 'precision'])
    .select(['spec_decoding', 'disagg', 'is_multinode', 'latest.conc', 'median_intvty', 'tput_per_gpu'])
    .select(['output_tput_per_gpu', 'input_tput_per_gpu', 'latest.measured_at', 'measurements.verdict']);
  if (filter.modelPrefix !== undefined) query = query.where('model_prefix', '=', filter.modelPrefix);
  if (filter.isl !== undefined) query = query.where('isl', '=', filter.isl);
  if (filter.osl !== undefined) query = query.where('osl', '=', filter.osl);
  if (filter.precision !== undefined) query = query.where('precision', '=', filter.precision);
  const rows = await query
    .orderBy('model_prefix')
    .orderBy('isl')
    .orderBy('osl')
    .orderBy('hw')
    .orderBy('configurations.key')
    .orderBy('latest.conc')
    .execute();
  return rows.map((row) => ({
    id: row.key,
    modelPrefix: row.model_prefix,
    ...{ isl: row.isl, osl: row.osl, hw: row.hw, framework: row.framework, precision: row.precision },
    specDecoding: row.spec_decoding,
    disagg: row.disagg === 1,
    multinode: row.is_multinode === 1,
    conc: row.conc,
    medianInteractivity: row.median_intvty,
    totalTputPerGpu: row.tput_per_gpu,
    outputTputPerGpu: row.output_tput_per_gpu,
    inputTputPerGpu: row.input_tput_per_gpu,
    measuredAt: new Date(row.measured_at).toISOString(),
    verdict: publishedVerdict.parse(row.verdict),
  }));
}
