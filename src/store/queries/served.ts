import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Schema } from '../schema.ts';

/**
 * The engine start of a measurement. Its paths are paths on the host and must not be sent over the network.
 */
export interface ServedBy {
  /** The server's command line. */
  readonly argv: readonly string[];
  readonly runner: string;
  /** The engine's log, relative to the run directory. */
  readonly log: string | null;
  /** The run directory, on the host that ingested it. */
  readonly location: string | null;
}

const argvSchema = z.array(z.string());

/** The engine start of a measurement; undefined if no journal records it. */
export async function servedBy(db: Kysely<Schema>, measurementId: string): Promise<ServedBy | undefined> {
  const found = await db
    .selectFrom('measurements')
    .innerJoin('attempts', 'attempts.measurement_id', 'measurements.id')
    .innerJoin('engine_sessions', (join) =>
      join
        .onRef('engine_sessions.sweep_id', '=', 'attempts.sweep_id')
        .onRef('engine_sessions.session_key', '=', 'attempts.session_key')
        .onRef('engine_sessions.started_at', '<=', 'attempts.started_at'),
    )
    .innerJoin('sweeps', 'sweeps.id', 'attempts.sweep_id')
    .select(['argv', 'runner', 'log', 'location'])
    .where('measurements.key', '=', measurementId)
    .orderBy('engine_sessions.started_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (found === undefined) return undefined;
  const { argv, runner, log, location } = found;
  return { argv: argvSchema.parse(JSON.parse(argv)), runner, log, location };
}

/** The run directory of a measurement, on the host that ingested it; must never be sent over the network. */
export async function runDirectory(
  db: Kysely<Schema>,
  measurementId: string,
): Promise<string | null | undefined> {
  const found = await db
    .selectFrom('measurements')
    .innerJoin('sweeps', 'sweeps.id', 'measurements.sweep_id')
    .select('location')
    .where('measurements.key', '=', measurementId)
    .executeTakeFirst();
  return found?.location;
}

/**
 * The newest published measurement of the same configuration and concurrency; undefined if it is this one.
 */
export async function supersededBy(db: Kysely<Schema>, measurementId: string): Promise<string | undefined> {
  const found = await db
    .selectFrom('measurements')
    .innerJoin('latest', (join) =>
      join
        .onRef('latest.configuration_id', '=', 'measurements.configuration_id')
        .onRef('latest.conc', '=', 'measurements.conc'),
    )
    .select('latest.key')
    .where('measurements.key', '=', measurementId)
    .executeTakeFirst();
  return found?.key === measurementId ? undefined : found?.key;
}
