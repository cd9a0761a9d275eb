import type { Insertable, Kysely, Transaction } from 'kysely';
import { rawBytes } from '../documents.ts';
import { metricsOf } from '../metric-columns.ts';
import { moreOf } from '../row.ts';
import type { ConfigurationTable, EnvironmentTable, MeasurementTable, Schema } from '../schema.ts';
import { Dimensions } from './dimensions.ts';
import type { Incoming, Measured, QuarantinedFile } from './incoming.ts';
import { keepInQuarantine } from './quarantine.ts';

/** What an ingest did, in measurements; running it again on the same files adds nothing. */
export interface IngestOutcome {
  readonly added: number;
  readonly unchanged: number;
  /** Eval scores that were new. */
  readonly evals: number;
  /** Changelog entries that were new. */
  readonly changelogEntries: number;
  readonly quarantined: readonly QuarantinedFile[];
}

const contradiction =
  'the store has this measurement with another aggregate row; what is in the store is never changed';

/** Writes everything that a source holds, in the transaction given. */
export async function write(
  db: Transaction<Schema>,
  incoming: Incoming,
  source: string,
  now: number,
): Promise<IngestOutcome> {
  const sweepId = await writeSweep(db, incoming.sweep);
  const writing = new MeasurementWriting(db, sweepId);
  for (const one of incoming.measured) await writing.write(one);
  await writeSessions(db, sweepId, incoming);
  await writeAttempts(db, sweepId, incoming, writing);
  const quarantined = [...incoming.quarantined, ...writing.refused];
  await keepInQuarantine(db, source, quarantined, now);
  return {
    added: writing.added,
    unchanged: incoming.measured.length - writing.added - writing.refused.length,
    evals: await writeEvals(db, sweepId, incoming),
    changelogEntries: await writeChangelog(db, incoming),
    quarantined,
  };
}

/** A sweep that goes on keeps its place and gets its new state. */
async function writeSweep(db: Kysely<Schema>, sweep: Incoming['sweep']): Promise<number> {
  const { id } = await db
    .insertInto('sweeps')
    .values(sweep)
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet((row) => ({
        state: row.ref('excluded.state'),
        planned: row.fn.coalesce('excluded.planned', 'sweeps.planned'),
        git_sha: row.fn.coalesce('excluded.git_sha', 'sweeps.git_sha'),
        git_ref: row.fn.coalesce('excluded.git_ref', 'sweeps.git_ref'),
        url: row.fn.coalesce('excluded.url', 'sweeps.url'),
        location: row.fn.coalesce('excluded.location', 'sweeps.location'),
      })),
    )
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

class MeasurementWriting {
  readonly #db: Kysely<Schema>;
  readonly #sweepId: number;
  readonly #configurations: Dimensions<ConfigurationTable>;
  readonly #environments: Dimensions<EnvironmentTable>;
  readonly #byFile = new Map<string, number>();
  readonly refused: QuarantinedFile[] = [];
  added = 0;

  constructor(db: Kysely<Schema>, sweepId: number) {
    this.#db = db;
    this.#sweepId = sweepId;
    this.#configurations = new Dimensions(db, 'configurations');
    this.#environments = new Dimensions(db, 'environments');
  }

  /** The measurement in the store that a file holds. */
  idOfFile(file: string | undefined): number | null {
    return file === undefined ? null : (this.#byFile.get(file) ?? null);
  }

  async configurationId(configuration: Insertable<ConfigurationTable> | undefined): Promise<number | null> {
    return configuration === undefined ? null : await this.#configurations.idOf(configuration);
  }

  async write(measured: Measured): Promise<void> {
    const sameRaw = await this.#find('raw_key', measured.raw?.key);
    if (sameRaw !== undefined) {
      this.#byFile.set(measured.file, sameRaw.id);
      // A row that is new to a measurement which the store keeps as invalid would publish it: refused as well.
      if (sameRaw.key !== measured.key)
        this.refused.push({ file: measured.file, reason: contradiction, ...contentOf(measured) });
      return;
    }
    const id = await this.#insert(measured);
    if (id !== undefined) {
      this.added += 1;
      this.#byFile.set(measured.file, id);
      await this.#writeDetails(id, measured);
      return;
    }
    const same = await this.#find('key', measured.key);
    if (same === undefined) return;
    this.#byFile.set(measured.file, same.id);
    if (measured.raw !== undefined && same.raw_key === null) await this.#addRaw(same.id, measured);
  }

  async #find(column: 'key' | 'raw_key', value: string | undefined) {
    if (value === undefined) return undefined;
    return await this.#db
      .selectFrom('measurements')
      .select(['id', 'key', 'raw_key'])
      .where(column, '=', value)
      .executeTakeFirst();
  }

  async #insert(measured: Measured): Promise<number | undefined> {
    const { configuration, environment, row } = measured;
    const values: Insertable<MeasurementTable> = {
      key: measured.key,
      sweep_id: this.#sweepId,
      configuration_id: await this.configurationId(configuration),
      environment_id: environment === undefined ? null : await this.#environments.idOf(environment),
      conc: measured.conc ?? null,
      ...metricsOf(row),
      more: row === undefined || configuration === undefined ? null : moreOf(row, configuration),
      ...rawColumns(measured),
    };
    const inserted = await this.#db
      .insertInto('measurements')
      .values(values)
      .onConflict((conflict) => conflict.column('key').doNothing())
      .returning('id')
      .executeTakeFirst();
    return inserted?.id;
  }

  /** The raw result of a measurement of which only the row was known: now its fidelity and time are known too. */
  async #addRaw(id: number, measured: Measured): Promise<void> {
    const { environment } = measured;
    await this.#db
      .updateTable('measurements')
      .set({
        ...rawColumns(measured),
        ...(environment === undefined ? {} : { environment_id: await this.#environments.idOf(environment) }),
      })
      .where('id', '=', id)
      .execute();
    await this.#db.deleteFrom('latest').where('measurement_id', '=', id).execute();
    await this.#writeDetails(id, measured);
    await this.#restoreLatest(measured);
  }

  /** After a measurement's time was corrected, an older one may be the newest. */
  async #restoreLatest({ configuration, conc }: Measured): Promise<void> {
    const configurationId = await this.configurationId(configuration);
    if (configurationId === null || conc === undefined) return;
    const newest = await this.#db
      .selectFrom('measurements')
      .select(['id', 'measured_at', 'key'])
      .where('configuration_id', '=', configurationId)
      .where('conc', '=', conc)
      .where('verdict', '!=', 'invalid')
      .orderBy('measured_at', 'desc')
      .orderBy('key')
      .executeTakeFirst();
    if (newest !== undefined)
      await this.#offerLatest(newest.id, configurationId, conc, newest.measured_at, newest.key);
  }

  async #writeDetails(id: number, measured: Measured): Promise<void> {
    const { raw, conc, configuration, row } = measured;
    if (raw !== undefined) {
      await this.#db
        .insertInto('documents')
        .values({ measurement_id: id, raw: rawBytes(raw.text) })
        .execute();
      for (const figure of raw.facts.telemetry) {
        await this.#db
          .insertInto('telemetry')
          .values({ measurement_id: id, ...figure })
          .execute();
      }
    }
    const configurationId = await this.configurationId(configuration);
    if (row !== undefined && configurationId !== null && conc !== undefined)
      await this.#offerLatest(id, configurationId, conc, measured.measuredAt, measured.key);
  }

  async #offerLatest(
    id: number,
    configurationId: number,
    conc: number,
    measuredAt: number,
    key: string,
  ): Promise<void> {
    await this.#db
      .insertInto('latest')
      .values({ configuration_id: configurationId, conc, measurement_id: id, measured_at: measuredAt, key })
      .onConflict((conflict) =>
        conflict
          .columns(['configuration_id', 'conc'])
          .doUpdateSet((row) => ({
            measurement_id: row.ref('excluded.measurement_id'),
            measured_at: row.ref('excluded.measured_at'),
            key: row.ref('excluded.key'),
          }))
          .where((row) =>
            row.or([
              row('excluded.measured_at', '>', row.ref('latest.measured_at')),
              row.and([
                row('excluded.measured_at', '=', row.ref('latest.measured_at')),
                row('excluded.key', '<', row.ref('latest.key')),
              ]),
            ]),
          ),
      )
      .execute();
  }
}

function rawColumns({ raw, measuredAt, verdict, reasons }: Measured) {
  return {
    raw_key: raw?.key ?? null,
    measured_at: measuredAt,
    verdict,
    reasons: reasons.length === 0 ? null : JSON.stringify(reasons),
    duration_s: raw?.facts.durationS ?? null,
    completed: raw?.facts.completed ?? null,
    failed: raw?.facts.failed ?? null,
    total_input_tokens: raw?.facts.totalInputTokens ?? null,
    total_output_tokens: raw?.facts.totalOutputTokens ?? null,
    power_w: raw?.facts.powerW ?? null,
    energy_j: raw?.facts.energyJ ?? null,
    confidence_95: raw?.facts.confidence95 ? JSON.stringify(raw.facts.confidence95) : null,
  };
}

function contentOf({ raw }: Measured): { readonly content?: Uint8Array } {
  return raw === undefined ? {} : { content: Buffer.from(raw.text) };
}

async function writeSessions(db: Kysely<Schema>, sweepId: number, { sessions }: Incoming): Promise<void> {
  for (const session of sessions) {
    await db
      .insertInto('engine_sessions')
      .values({ sweep_id: sweepId, ...session })
      .onConflict((conflict) =>
        conflict.columns(['sweep_id', 'session_key', 'started_at']).doUpdateSet((row) => ({
          ended_at: row.ref('excluded.ended_at'),
          ready_after_s: row.ref('excluded.ready_after_s'),
          outcome: row.ref('excluded.outcome'),
          failure_class: row.ref('excluded.failure_class'),
          message: row.ref('excluded.message'),
        })),
      )
      .execute();
  }
}

async function writeAttempts(
  db: Kysely<Schema>,
  sweepId: number,
  { attempts }: Incoming,
  writing: MeasurementWriting,
): Promise<void> {
  for (const { configuration, file, ...attempt } of attempts) {
    await db
      .insertInto('attempts')
      .values({
        sweep_id: sweepId,
        ...attempt,
        configuration_id: await writing.configurationId(configuration),
        measurement_id: writing.idOfFile(file),
      })
      .onConflict((conflict) =>
        conflict.columns(['sweep_id', 'point_key', 'started_at']).doUpdateSet((row) => ({
          ended_at: row.ref('excluded.ended_at'),
          outcome: row.ref('excluded.outcome'),
          failure_class: row.ref('excluded.failure_class'),
          message: row.ref('excluded.message'),
          measurement_id: row.ref('excluded.measurement_id'),
        })),
      )
      .execute();
  }
}

async function writeEvals(db: Kysely<Schema>, sweepId: number, { evals }: Incoming): Promise<number> {
  let added = 0;
  for (const one of evals) {
    const inserted = await db
      .insertInto('evals')
      .values({ ...one, sweep_id: sweepId })
      .onConflict((conflict) => conflict.column('key').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (inserted !== undefined) added += 1;
  }
  return added;
}

async function writeChangelog(db: Kysely<Schema>, { changelog }: Incoming): Promise<number> {
  let added = 0;
  for (const entry of changelog) {
    const inserted = await db
      .insertInto('changelog_entries')
      .values(entry)
      .onConflict((conflict) => conflict.column('key').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (inserted !== undefined) added += 1;
  }
  return added;
}
