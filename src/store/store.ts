import type { Kysely } from 'kysely';
import { type ExportOptions, exportPoints } from './export/export.ts';
import type { IngestOptions } from './ingest/artifact-facts.ts';
import { ingest } from './ingest/ingest.ts';
import type { IngestOutcome } from './ingest/write.ts';
import { changelogEntries, type StoredChangelogEntry } from './queries/changelog.ts';
import { type ChangesRequest, largestChanges, type StoredChange } from './queries/changes.ts';
import { type ChartPoint, chartPoints } from './queries/chart-points.ts';
import { configurations, type StoredConfiguration } from './queries/configurations.ts';
import { counts, type StoreCounts, sweepsOnHardware } from './queries/counts.ts';
import { type EvalFilter, evalDocument, evalsPage, type StoredEval } from './queries/evals.ts';
import { attemptsByDay, type DayOfAttempts, failures, type StoredFailure } from './queries/failures.ts';
import type { PointFilter } from './queries/filter.ts';
import { type FrontierFilter, type FrontierPoint, frontierPoints } from './queries/frontier-points.ts';
import { idsStartingWith } from './queries/ids.ts';
import { measurement, type StoredMeasurement } from './queries/measurement.ts';
import type { Page, PageRequest } from './queries/page.ts';
import { latestPoints, pointById, pointsPage, type StoredPoint } from './queries/points.ts';
import { quarantined, type StoredQuarantine } from './queries/quarantined.ts';
import { type Reliability, type ReliabilityFilter, reliability } from './queries/reliability.ts';
import { type ClientPoint, measurementsOf } from './queries/repeats.ts';
import { type SeriesExtent, seriesExtents } from './queries/series-extents.ts';
import { type ServedBy, servedBy, supersededBy } from './queries/served.ts';
import { type StoredShape, shapes } from './queries/shapes.ts';
import { type StoreStats, stats } from './queries/stats.ts';
import {
  allSweeps,
  type StoredSweep,
  type StoredSweepDetail,
  sweepById,
  sweepsPage,
} from './queries/sweeps.ts';
import { version } from './queries/version.ts';
import type { Schema } from './schema.ts';

/** Every measurement ever ingested. Nothing in it is changed or deleted by a later ingest. */
export class Store {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /**
   * Takes in a run directory, in one transaction; a malformed file is left out with its reason.
   * Throws InputError where there is no run, and WorkError when the store cannot be written.
   */
  async ingestRun(runDirectory: string): Promise<IngestOutcome> {
    return await ingest(this.#db, runDirectory, { only: 'run' });
  }

  /**
   * Takes in whatever a path holds: run directories, a CI run's artifacts (a zip, or a folder of them or of what was
   * in them), lists of aggregate rows, eval rows, perf-changelog.yaml. Ingesting the same again adds nothing; a
   * malformed file is quarantined with its reason and the rest goes in.
   * Throws InputError where nothing can be read there, and WorkError when the store cannot be written: what was
   * taken in until then stays, and ingesting again goes on from there.
   */
  async ingest(path: string, options: IngestOptions = {}): Promise<IngestOutcome> {
    return await ingest(this.#db, path, options);
  }

  /** Sweeps, newest first; without a page, all of them. */
  async sweeps(): Promise<StoredSweep[]>;
  async sweeps(page: PageRequest): Promise<Page<StoredSweep>>;
  async sweeps(page?: PageRequest): Promise<StoredSweep[] | Page<StoredSweep>> {
    return page === undefined ? await allSweeps(this.#db) : await sweepsPage(this.#db, page);
  }

  /** One sweep with its engine sessions and attempts; undefined where the store has none of that id. */
  async sweep(id: string): Promise<StoredSweepDetail | undefined> {
    return await sweepById(this.#db, id);
  }

  /**
   * Of every configuration at every concurrency the latest measurement that may be published, ordered by
   * configuration and concurrency. Give a model prefix, ISL and OSL for one chart. With a sweep, image, model or time
   * in the filter: the latest of those that match.
   */
  async latestPoints(filter: PointFilter = {}): Promise<StoredPoint[]> {
    return await latestPoints(this.#db, filter);
  }

  /** Published points, newest first. */
  async points(filter: PointFilter = {}, page: PageRequest = {}): Promise<Page<StoredPoint>> {
    return await pointsPage(this.#db, filter, page);
  }

  /** The newest `most` published points, or all, oldest first, as far as charts draw them. */
  async chartPoints(filter: PointFilter, most = Number.MAX_SAFE_INTEGER): Promise<ChartPoint[]> {
    return await chartPoints(this.#db, filter, most);
  }

  /** One published point; undefined where the store has none of that id. */
  async point(id: string): Promise<StoredPoint | undefined> {
    return await pointById(this.#db, id);
  }

  /** Every configuration that has a published measurement, with its concurrencies: what there is to choose from. */
  async configurations(): Promise<StoredConfiguration[]> {
    return await configurations(this.#db);
  }

  /** One measurement, published or not, with its raw result; undefined where the store has none of that id. */
  async measurement(id: string): Promise<StoredMeasurement | undefined> {
    return await measurement(this.#db, id);
  }

  /** How attempts and engine starts ended, by hardware, engine and class of failure. */
  async reliability(filter: ReliabilityFilter = {}): Promise<Reliability[]> {
    return await reliability(this.#db, filter);
  }

  /** Accuracy scores, newest first. */
  async evals(filter: EvalFilter = {}, page: PageRequest = {}): Promise<Page<StoredEval>> {
    return await evalsPage(this.#db, filter, page);
  }

  /** Everything that was kept of one score, such as each question with its answer; undefined where there is none. */
  async evalDocument(id: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    return await evalDocument(this.#db, id);
  }

  /** Changelog entries, the last of the file first. */
  async changelog(): Promise<StoredChangelogEntry[]> {
    return await changelogEntries(this.#db);
  }

  /** Files that could not be taken in, newest first. */
  async quarantined(): Promise<StoredQuarantine[]> {
    return await quarantined(this.#db);
  }

  /** Models and shapes that have a latest point, by hardware, engine, precision and model. */
  async shapes(): Promise<StoredShape[]> {
    return await shapes(this.#db);
  }

  /** Published measurements of all time, sweeps and eval scores; or those without a text in their hardware's name. */
  async counts(withoutHardware?: string): Promise<StoreCounts> {
    return await counts(this.#db, withoutHardware);
  }

  /** The ids of the sweeps that measured on hardware with a text in its name. */
  async sweepsOnHardware(name: string): Promise<ReadonlySet<string>> {
    return await sweepsOnHardware(this.#db, name);
  }

  /** Latest points, as far as a frontier of throughput over interactivity needs them. */
  async frontierPoints(filter: FrontierFilter = {}): Promise<FrontierPoint[]> {
    return await frontierPoints(this.#db, filter);
  }

  /** How much was ever measured of each series of a model and shape. */
  async seriesExtents(shape: {
    readonly modelPrefix: string;
    readonly isl: number;
    readonly osl: number;
  }): Promise<SeriesExtent[]> {
    return await seriesExtents(this.#db, shape);
  }

  /** The largest changes of throughput since a time, each the latest measurement with the one before it. */
  async largestChanges(request: ChangesRequest): Promise<StoredChange[]> {
    return await largestChanges(this.#db, request);
  }

  /** The engine start that a measurement was made on; undefined where no journal says. */
  async servedBy(measurementId: string): Promise<ServedBy | undefined> {
    return await servedBy(this.#db, measurementId);
  }

  /** A newer measurement of the same configuration and concurrency; undefined for none. */
  async supersededBy(measurementId: string): Promise<string | undefined> {
    return await supersededBy(this.#db, measurementId);
  }

  /** Classes of failure with what the last one said, the most frequent first. */
  async failures(filter: ReliabilityFilter = {}): Promise<StoredFailure[]> {
    return await failures(this.#db, filter);
  }

  /** Tries at points by the day they were started on, oldest first. */
  async attemptsByDay(filter: ReliabilityFilter = {}): Promise<DayOfAttempts[]> {
    return await attemptsByDay(this.#db, filter);
  }

  /** Public names of measurements or sweeps that begin with a text, in order, at most `limit`. */
  async idsStartingWith(
    table: 'measurements' | 'sweeps',
    beginning: string,
    limit: number,
  ): Promise<string[]> {
    return await idsStartingWith(this.#db, table, beginning, limit);
  }

  /** Another text after every change of the store. */
  async version(): Promise<string> {
    return await version(this.#db);
  }

  /** Every published measurement of configurations, since a time (ISO 8601) or at all times, with what measured it. */
  async measurementsOf(configurationIds: readonly string[], since?: string): Promise<ClientPoint[]> {
    return await measurementsOf(this.#db, configurationIds, since);
  }

  /** How much the store holds, and how large it is. */
  async stats(): Promise<StoreStats> {
    return await stats(this.#db);
  }

  /**
   * Writes published points to a file, in the format that its name's ending says (.parquet, .csv, .json, .jsonl); the
   * file appears when it is whole. Returns how many.
   */
  async export(file: string, options: ExportOptions = {}): Promise<number> {
    return await exportPoints(this.#db, file, options);
  }

  async close(): Promise<void> {
    await this.#db.destroy();
  }
}
