import type { Kysely } from 'kysely';
import { z } from 'zod';
import { defined } from '../../defined/defined.ts';
import type { AggregateRow } from '../../results/index.ts';
import { rawText } from '../documents.ts';
import type { StoredVerdict, TelemetryFigure } from '../ingest/incoming.ts';
import { verdictSchema } from '../ingest/measured.ts';
import type { Schema } from '../schema.ts';
import { pointById, reasonsOf } from './points.ts';

/** The environment of a measurement; null if unknown. */
export interface StoredEnvironment {
  /**
   * The tool that measured: `inferencemax`, `vllm`, `sglang`, `aiperf`, `guidellm`, or `public` for public
   * rows.
   */
  readonly client: string;
  readonly model: string;
  readonly image: string;
  readonly imageDigest: string | null;
  readonly gpu: string | null;
  readonly driver: string | null;
  readonly host: string | null;
  readonly gitSha: string | null;
  readonly more: Readonly<Record<string, unknown>>;
}

/** One measurement with everything known about it. */
export interface StoredMeasurement {
  readonly id: string;
  readonly sweepId: string;
  /** The source of its sweep, one of `sources.ts`, and its page. */
  readonly source: string;
  readonly runUrl: string | null;
  /** ISO 8601. */
  readonly measuredAt: string;
  readonly verdict: StoredVerdict;
  readonly reasons: readonly string[];
  /** Empty if only the row is known. */
  readonly raw: Readonly<Record<string, unknown>>;
  /** Absent if the measurement did not become a row. */
  readonly row?: AggregateRow;
  readonly environment?: StoredEnvironment;
  readonly telemetry: readonly TelemetryFigure[];
}

const documentSchema = z.record(z.string(), z.unknown());

/** One measurement, published or not; undefined if the store does not have it. */
export async function measurement(db: Kysely<Schema>, id: string): Promise<StoredMeasurement | undefined> {
  const found = await db
    .selectFrom('measurements')
    .innerJoin('sweeps', 'sweeps.id', 'measurements.sweep_id')
    .leftJoin('documents', 'documents.measurement_id', 'measurements.id')
    .leftJoin('environments', 'environments.id', 'measurements.environment_id')
    .select([
      'measurements.id as rowid',
      'measurements.key',
      'sweeps.key as sweep_key',
      'sweeps.source as sweep_source',
      'sweeps.url',
      'measured_at',
      'verdict',
      'reasons',
      'raw',
    ])
    .select(['client', 'model', 'image', 'image_digest', 'gpu', 'driver', 'host', 'environments.git_sha'])
    .select('environments.more')
    .where('measurements.key', '=', id)
    .executeTakeFirst();
  if (found === undefined) return undefined;
  const point = await pointById(db, id);
  const telemetry = await db
    .selectFrom('telemetry')
    .select(['device', 'metric', 'samples', 'mean', 'min', 'max'])
    .where('measurement_id', '=', found.rowid)
    .orderBy('device')
    .orderBy('metric')
    .execute();
  const environment = environmentOf(found);
  return {
    id,
    sweepId: found.sweep_key,
    source: found.sweep_source,
    runUrl: found.url,
    measuredAt: new Date(found.measured_at).toISOString(),
    verdict: verdictSchema.parse(found.verdict),
    reasons: reasonsOf(found.reasons),
    raw: found.raw === null ? {} : documentSchema.parse(JSON.parse(rawText(found.raw))),
    ...defined({ row: point?.row, environment }),
    telemetry,
  };
}

function environmentOf(found: {
  readonly client: string | null;
  readonly model: string | null;
  readonly image: string | null;
  readonly image_digest: string | null;
  readonly gpu: string | null;
  readonly driver: string | null;
  readonly host: string | null;
  readonly git_sha: string | null;
  readonly more: string | null;
}): StoredEnvironment | undefined {
  const { client, model, image, gpu, driver, host } = found;
  if (client === null || model === null || image === null) return undefined;
  return {
    client,
    model,
    image,
    gpu,
    driver,
    host,
    imageDigest: found.image_digest,
    gitSha: found.git_sha,
    more: found.more === null ? {} : documentSchema.parse(JSON.parse(found.more)),
  };
}
