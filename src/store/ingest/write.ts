import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import { latestCredibleMs } from '../../dated-ahead.ts';
import { onFirstUse } from '../../on-first-use.ts';
import type { AggregateRow } from '../../results/index.ts';
import { rawBytes } from '../documents.ts';
import { factsOf } from '../fact-columns.ts';
import { metricsOf } from '../metric-columns.ts';
import { moreOf } from '../row.ts';
import type {
  ConfigurationTable,
  EnvironmentTable,
  LatestTable,
  MeasurementTable,
  Schema,
} from '../schema.ts';
import { BulkInsert } from './bulk-insert.ts';
import { countAttempts, VerdictCounts } from './counts.ts';
import { Dimensions } from './dimensions.ts';
import type { Incoming, IncomingMeasurement, QuarantinedFile } from './incoming.ts';
import { keepInQuarantine } from './quarantine.ts';
import { writeSweep } from './write-sweep.ts';

/** The outcome of an ingest, in measurements. Ingesting the same files again adds nothing. */
export interface IngestOutcome {
  readonly added: number;
  readonly unchanged: number;
  /** Number of new eval scores. */
  readonly evals: number;
  /** Number of new changelog entries. */
  readonly changelogEntries: number;
  readonly quarantined: readonly QuarantinedFile[];
}

const contradiction =
  'the store has this measurement with another aggregate row, and stored rows are never changed';

/** Number of measurements written at once. */
const batchSize = 1_000;

/** Writes a part of a source within the given transaction. */
export async function write(
  db: Transaction<Schema>,
  incoming: Incoming,
  source: string,
  now: number,
): Promise<IngestOutcome> {
  const sweepId = onFirstUse(async () => await writeSweep(db, incoming.sweep));
  // A run is written for its state; artifacts that only repeat known measurements do not create a sweep.
  if (incoming.sweep.source === 'run') await sweepId();
  const shared = new SharedRows(db);
  const writing = new MeasurementWriting(db, sweepId, shared);
  await writing.write(incoming.measured);
  await writeSessions(db, sweepId, incoming);
  await writeAttempts(db, sweepId, incoming, writing, shared);
  if (incoming.sessions.length + incoming.attempts.length > 0) await countAttempts(db, await sweepId());
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

/** Adds the outcomes of two parts. */
export function sumOf(a: IngestOutcome, b: IngestOutcome): IngestOutcome {
  return {
    added: a.added + b.added,
    unchanged: a.unchanged + b.unchanged,
    evals: a.evals + b.evals,
    changelogEntries: a.changelogEntries + b.changelogEntries,
    quarantined: [...a.quarantined, ...b.quarantined],
  };
}

export const nothingIngested: IngestOutcome = {
  added: 0,
  unchanged: 0,
  evals: 0,
  changelogEntries: 0,
  quarantined: [],
};

/**
 * Chooses the newer measurement, and the smaller key of two with the same time, so that the order of ingest
 * does not matter. One written while this machine's clock was ahead counts as oldest.
 */
function ifNewer<Value>(column: 'measurement_id' | 'measured_at' | 'key') {
  return sql<Value>`case when latest.measured_at > ${sql.lit(latestCredibleMs())} or excluded.measured_at > latest.measured_at
    or (excluded.measured_at = latest.measured_at and excluded.key < latest.key)
    then ${sql.ref(`excluded.${column}`)} else ${sql.ref(`latest.${column}`)} end`;
}

/** The columns that identify a stored measurement. */
type Known = Pick<Selectable<MeasurementTable>, 'id' | 'key' | 'raw_key' | 'sweep_id' | 'verdict'>;

/** Rows that the measurements of an ingest share. */
class SharedRows {
  readonly configurations: Dimensions<Insertable<ConfigurationTable>>;
  readonly environments: Dimensions<Insertable<EnvironmentTable>>;
  readonly find: (column: 'key' | 'raw_key', values: readonly string[]) => Promise<readonly Known[]>;
  readonly measurements;
  readonly documents;
  readonly telemetry;
  readonly latest;

  constructor(db: Kysely<Schema>) {
    const configurations = new BulkInsert(db, 'configurations', (insert) =>
      insert.onConflict((conflict) => conflict.column('key').doNothing()),
    );
    const environments = new BulkInsert(db, 'environments', (insert) =>
      insert.onConflict((conflict) => conflict.column('key').doNothing()),
    );
    this.configurations = new Dimensions({
      find: async (keys) =>
        await db.selectFrom('configurations').select(['id', 'key']).where('key', 'in', keys).execute(),
      add: async (rows) => await configurations.insert(rows),
    });
    this.environments = new Dimensions({
      find: async (keys) =>
        await db.selectFrom('environments').select(['id', 'key']).where('key', 'in', keys).execute(),
      add: async (rows) => await environments.insert(rows),
    });
    this.find = async (column, values) =>
      values.length === 0
        ? []
        : await db
            .selectFrom('measurements')
            .select(['id', 'key', 'raw_key', 'sweep_id', 'verdict'])
            .where(column, 'in', values)
            .execute();
    this.measurements = new BulkInsert(db, 'measurements', (insert) => insert.returning(['id', 'key']));
    this.documents = new BulkInsert(db, 'documents', (insert) => insert);
    this.telemetry = new BulkInsert(db, 'telemetry', (insert) =>
      insert.onConflict((conflict) => conflict.doNothing()),
    );
    this.latest = new BulkInsert(db, 'latest', (insert) =>
      insert.onConflict((conflict) =>
        conflict.columns(['configuration_id', 'conc']).doUpdateSet({
          measurement_id: ifNewer('measurement_id'),
          measured_at: ifNewer('measured_at'),
          key: ifNewer('key'),
          points: sql`latest.points + excluded.points`,
          first_at: sql`case when excluded.first_at < latest.first_at then excluded.first_at else latest.first_at end`,
        }),
      ),
    );
  }
}

/** Writes measurements in batches, with their related rows. */
class MeasurementWriting {
  readonly #db: Kysely<Schema>;
  readonly #sweepId: () => Promise<number>;
  readonly #shared: SharedRows;
  readonly #byFile = new Map<string, number>();
  readonly #counts = new VerdictCounts();
  readonly refused: QuarantinedFile[] = [];
  added = 0;

  constructor(db: Kysely<Schema>, sweepId: () => Promise<number>, shared: SharedRows) {
    this.#db = db;
    this.#sweepId = sweepId;
    this.#shared = shared;
  }

  /** The id of the measurement that a file contains. */
  idOfFile(file: string | undefined): number | null {
    return file === undefined ? null : (this.#byFile.get(file) ?? null);
  }

  async write(all: readonly IncomingMeasurement[]): Promise<void> {
    for (let from = 0; from < all.length; from += batchSize) {
      await this.#writeBatch(all.slice(from, from + batchSize));
    }
    await this.#counts.write(this.#db, this.#sweepId);
  }

  async #writeBatch(batch: readonly IncomingMeasurement[]): Promise<void> {
    const known = await this.#known(batch);
    const unknown = new Map<string, IncomingMeasurement>();
    const rowsOfRaws = new Map<string, string>();
    for (const measured of batch) {
      const { key, raw } = measured;
      const same = known.byRaw.get(raw?.key ?? '') ?? known.byKey.get(key);
      if (same !== undefined) await this.#meetAgain(measured, same);
      else if (raw !== undefined && (rowsOfRaws.get(raw.key) ?? key) !== key) this.#refuse(measured);
      else if (!unknown.has(key)) unknown.set(key, measured);
      if (raw !== undefined && !rowsOfRaws.has(raw.key)) rowsOfRaws.set(raw.key, key);
    }
    const added: (IncomingMeasurement & { readonly id: number })[] = [];
    for (const { id, key } of await this.#insert([...unknown.values()])) {
      const measured = unknown.get(key);
      if (measured === undefined) continue;
      this.#byFile.set(measured.file, id);
      this.#counts.add(measured, measured.verdict, 1);
      added.push({ ...measured, id });
    }
    this.added += added.length;
    await this.#writeDetails(added);
  }

  /** The measurements of a batch that are stored already, by their own keys or by their raw results' keys. */
  async #known(batch: readonly IncomingMeasurement[]) {
    const keys = batch.map(({ key }) => key);
    const rawKeys = batch.flatMap(({ raw }) => (raw === undefined ? [] : [raw.key]));
    const byKey = await this.#shared.find('key', keys);
    const byRaw = await this.#shared.find('raw_key', rawKeys);
    return {
      byKey: new Map(byKey.map((one) => [one.key, one])),
      byRaw: new Map(byRaw.map((one) => [one.raw_key ?? '', one])),
    };
  }

  /**
   * Handles a measurement that is stored already: its raw result may be new, or its row may contradict the
   * stored one.
   */
  async #meetAgain(measured: IncomingMeasurement, same: Known): Promise<void> {
    this.#byFile.set(measured.file, same.id);
    if (same.key !== measured.key) this.#refuse(measured);
    else if (measured.raw !== undefined && same.raw_key === null) await this.#addRaw(same, measured);
  }

  /** Writes new measurements and the rows that they share, and returns their ids. */
  async #insert(all: readonly IncomingMeasurement[]) {
    if (all.length === 0) return [];
    await this.#shared.configurations.store(all.map(({ configuration }) => configuration));
    await this.#shared.environments.store(all.map(({ environment }) => environment));
    const sweepId = await this.#sweepId();
    return await this.#shared.measurements.insert(all.map((one) => this.#columnsOf(one, sweepId)));
  }

  #columnsOf(measured: IncomingMeasurement, sweepId: number): Insertable<MeasurementTable> {
    const { configuration, environment, row } = measured;
    return {
      key: measured.key,
      sweep_id: sweepId,
      configuration_id: this.#shared.configurations.idOrNull(configuration),
      environment_id: this.#shared.environments.idOrNull(environment),
      conc: measured.conc ?? null,
      more: row === undefined || configuration === undefined ? null : moreOf(row, configuration),
      ...rawColumns(measured),
      ...metricsOf(row),
    };
  }

  #refuse({ file, raw }: IncomingMeasurement): void {
    const content = raw === undefined ? {} : { content: Buffer.from(raw.text) };
    this.refused.push({ file, reason: contradiction, ...content });
  }

  /** Adds the raw result to a measurement of which only the row was known, with its fidelity and time. */
  async #addRaw({ id, sweep_id, verdict }: Known, measured: IncomingMeasurement): Promise<void> {
    const counts = new VerdictCounts();
    counts.add(measured, verdict, -1);
    counts.add(measured, measured.verdict, 1);
    await counts.write(this.#db, async () => sweep_id);
    await this.#shared.environments.store([measured.environment]);
    await this.#db
      .updateTable('measurements')
      .set({
        ...rawColumns(measured),
        environment_id: this.#shared.environments.idOrNull(measured.environment),
      })
      .where('id', '=', id)
      .execute();
    await this.#writeRaws([{ ...measured, id }]);
    await this.#restoreLatest(measured);
  }

  /** Updates `latest` after a measurement's time or verdict has changed. */
  async #restoreLatest({ configuration, conc }: IncomingMeasurement): Promise<void> {
    await this.#shared.configurations.store([configuration]);
    const configurationId = this.#shared.configurations.idOrNull(configuration);
    if (configurationId === null || conc === undefined) return;
    await this.#db
      .deleteFrom('latest')
      .where('configuration_id', '=', configurationId)
      .where('conc', '=', conc)
      .execute();
    const all = await this.#db
      .selectFrom('measurements')
      .select(['id as measurement_id', 'measured_at', 'key', 'measured_at as first_at'])
      .where('configuration_id', '=', configurationId)
      .where('conc', '=', conc)
      .where('verdict', '!=', 'invalid')
      .execute();
    for (const { first_at, ...one } of all) {
      const row = { configuration_id: configurationId, conc, ...one, points: 1, first_at };
      await this.#shared.latest.insert([row]);
    }
  }

  /** Writes the raw results of stored measurements. */
  async #writeRaws(batch: readonly (IncomingMeasurement & { readonly id: number })[]): Promise<void> {
    const withRaw = batch.flatMap(({ id, raw }) => (raw === undefined ? [] : [{ id, raw }]));
    await this.#shared.documents.insert(
      withRaw.map(({ id, raw }) => ({ measurement_id: id, raw: rawBytes(raw.text) })),
    );
    await this.#shared.telemetry.insert(
      withRaw.flatMap(({ id, raw }) =>
        raw.facts.telemetry.map(({ device, metric, samples, mean, min, max }) => ({
          measurement_id: id,
          device,
          metric,
          samples,
          mean,
          min,
          max,
        })),
      ),
    );
  }

  async #writeDetails(batch: readonly (IncomingMeasurement & { readonly id: number })[]): Promise<void> {
    await this.#writeRaws(batch);
    const newest = new Map<string, Insertable<LatestTable>>();
    for (const { id, row, configuration, conc, measuredAt, key } of batch) {
      const configurationId = this.#shared.configurations.idOrNull(configuration);
      if (row === undefined || configurationId === null || conc === undefined) continue;
      const place = `${configurationId} ${conc}`;
      const other = newest.get(place);
      const isNewer =
        other === undefined ||
        measuredAt > other.measured_at ||
        (measuredAt === other.measured_at && key < other.key);
      newest.set(place, {
        configuration_id: configurationId,
        conc,
        measurement_id: isNewer ? id : other.measurement_id,
        measured_at: isNewer ? measuredAt : other.measured_at,
        key: isNewer ? key : other.key,
        points: 1 + (other?.points ?? 0),
        first_at: Math.min(measuredAt, other?.first_at ?? measuredAt),
      });
    }
    await this.#shared.latest.insert([...newest.values()]);
  }
}

const noFacts = factsOf(undefined);

function rawColumns({ raw, row, measuredAt, verdict, reasons, powerW = null }: IncomingMeasurement) {
  const facts = raw?.facts.columns ?? noFacts;
  return {
    raw_key: raw?.key ?? null,
    measured_at: measuredAt,
    verdict,
    reasons: reasons.length === 0 ? null : JSON.stringify(reasons),
    ...facts,
    power_w: facts.power_w ?? powerW ?? powerOfRow(row, 'avg_total_gpu_power_w'),
    energy_j: facts.energy_j ?? powerOfRow(row, 'total_gpu_energy_j'),
    cached_prompt_share: facts.cached_prompt_share ?? shareOfRow(row?.cached_prompt_share),
    ideal_cached_share: facts.ideal_cached_share ?? shareOfRow(row?.ideal_cached_share),
    confidence_95: raw?.facts.confidence95 ? JSON.stringify(raw.facts.confidence95) : null,
  };
}

function shareOfRow(share: AggregateRow[string]): number | null {
  return typeof share === 'number' && share >= 0 && share <= 1 ? share : null;
}

/** A power field of a row; null if the row marks its power as unusable. */
function powerOfRow(row: AggregateRow | undefined, field: string): number | null {
  const value = row?.power_valid === 1 ? row[field] : undefined;
  return typeof value === 'number' ? value : null;
}

async function writeSessions(
  db: Kysely<Schema>,
  sweepId: () => Promise<number>,
  { sessions }: Incoming,
): Promise<void> {
  for (const session of sessions) {
    await db
      .insertInto('engine_sessions')
      .values({ sweep_id: await sweepId(), ...session })
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
  sweepId: () => Promise<number>,
  { attempts }: Incoming,
  writing: MeasurementWriting,
  shared: SharedRows,
): Promise<void> {
  await shared.configurations.store(attempts.map(({ configuration }) => configuration));
  for (const { configuration, file, ...attempt } of attempts) {
    await db
      .insertInto('attempts')
      .values({
        sweep_id: await sweepId(),
        ...attempt,
        configuration_id: shared.configurations.idOrNull(configuration),
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

async function writeEvals(
  db: Kysely<Schema>,
  sweepId: () => Promise<number>,
  { evals }: Incoming,
): Promise<number> {
  let added = 0;
  for (const one of evals) {
    const inserted = await db
      .insertInto('evals')
      .values({ ...one, sweep_id: await sweepId() })
      .onConflict((conflict) => conflict.column('key').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (inserted !== undefined) added += 1;
  }
  return added;
}

/** An entry that was only known from a job gets its position once the changelog file is ingested. */
async function writeChangelog(db: Kysely<Schema>, { changelog }: Incoming): Promise<number> {
  const known = await db.selectFrom('changelog_entries').select(['key', 'position']).execute();
  const positions = new Map(known.map(({ key, position }) => [key, position]));
  let added = 0;
  for (const entry of changelog) {
    const position = positions.get(entry.key);
    if (position === undefined) {
      await db.insertInto('changelog_entries').values(entry).execute();
      positions.set(entry.key, entry.position);
      added += 1;
    } else if (entry.position < position) {
      await db
        .updateTable('changelog_entries')
        .set({ position: entry.position })
        .where('key', '=', entry.key)
        .execute();
    }
  }
  return added;
}
