import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { curveOrder } from '../../identity/index.ts';
import type { AggregateRow } from '../../results/index.ts';
import { type ExportedFacts, exportedFacts, exportedFactsOf } from '../fact-columns.ts';
import type { StoredVerdict } from '../ingest/incoming.ts';
import { verdictSchema } from '../ingest/measured.ts';
import { metricColumns, optionalFields } from '../metric-columns.ts';
import { rowOf } from '../row.ts';
import type { Schema } from '../schema.ts';
import {
  asksForEnvironment,
  configurationsWith,
  environmentsWith,
  matching,
  type PointFilter,
} from './filter.ts';
import { identitiesOf, type PointIdentity } from './identities.ts';
import { inParts } from './in-parts.ts';
import { type Page, type PagePosition, type PageRequest, pageLimit, pageOf, positionOf } from './page.ts';

/** A published point: a measurement that is not invalid, with its row. */
export interface StoredPoint {
  /** The same in every store. */
  readonly id: string;
  readonly sweepId: string;
  /** The source of its sweep, one of `sources.ts`, and its page. */
  readonly source: string;
  readonly runUrl: string | null;
  /**
   * The id of the configuration (everything requested except the concurrency and the image); the same in
   * every store.
   */
  readonly configurationId: string;
  /** ISO 8601. */
  readonly measuredAt: string;
  readonly verdict: Exclude<StoredVerdict, 'invalid'>;
  readonly reasons: readonly string[];
  /** Contract §5: throughput in tokens/s per accelerator, times in seconds. */
  readonly row: AggregateRow;
  /** Accelerators of the whole layout. */
  readonly gpus: number;
  /** Mean total power of all accelerators over the measured window in watts; null if it was not sampled. */
  readonly powerW: number | null;
  /** The InferenceMAX version that measured it; null for other tools and if unknown. */
  readonly productVersion: string | null;
  /** Other exported facts of its raw result, by column. */
  readonly facts: ExportedFacts;
  /** 95 % confidence intervals by the names of the raw result, such as `median_ttft_ms`, where available. */
  readonly confidence95: Readonly<Record<string, readonly [low: number, high: number]>>;
}

export const publishedVerdict = verdictSchema.exclude(['invalid']);
const reasonsSchema = z.array(z.string());
const confidenceSchema = z.record(z.string(), z.tuple([z.number(), z.number()]));

/** The reasons of a verdict from their column; empty if there are none. */
export function reasonsOf(json: string | null): readonly string[] {
  return json === null ? [] : reasonsSchema.parse(JSON.parse(json));
}

/** The confidence intervals from their column; empty if there are none. */
export function confidenceOf(json: string | null): StoredPoint['confidence95'] {
  return json === null ? {} : confidenceSchema.parse(JSON.parse(json));
}

/** Measurements joined with everything that filters need; raw results are not read. */
function points(db: Kysely<Schema>) {
  return db
    .selectFrom('measurements')
    .innerJoin('configurations', 'configurations.id', 'measurements.configuration_id')
    .innerJoin('environments', 'environments.id', 'measurements.environment_id')
    .innerJoin('sweeps', 'sweeps.id', 'measurements.sweep_id')
    .where('measurements.verdict', '!=', 'invalid');
}

const pointColumns = [
  'measurements.id as rowid',
  'measurements.key as id',
  'sweeps.key as sweep_key',
  'sweeps.source',
  'sweeps.url',
  'measurements.configuration_id',
  'measurements.environment_id',
  'measurements.measured_at',
  'measurements.verdict',
  'measurements.reasons',
  'measurements.conc',
  'measurements.more',
  ...exportedFacts.map((column) => `measurements.${column}` as const),
  'measurements.confidence_95',
  ...metricColumns,
] as const;

type PointRow = Awaited<ReturnType<typeof selectPoints>>[number];
async function selectPoints(db: Kysely<Schema>) {
  return await points(db).select(pointColumns).execute();
}

/** Makes points of rows, in the same order. */
async function pointsOf<Row extends PointRow>(
  db: Kysely<Schema>,
  rows: readonly Row[],
): Promise<{ readonly point: StoredPoint; readonly from: Row }[]> {
  const identityOf = await identitiesOf(db, rows);
  return rows.flatMap((row) => {
    const identity = identityOf(row);
    return identity === undefined || row.conc === null
      ? []
      : [{ point: pointOf(row, row.conc, identity), from: row }];
  });
}

async function justPoints(db: Kysely<Schema>, rows: readonly PointRow[]): Promise<StoredPoint[]> {
  return (await pointsOf(db, rows)).map(({ point }) => point);
}

function pointOf(row: PointRow, conc: number, identity: PointIdentity): StoredPoint {
  return {
    id: row.id,
    sweepId: row.sweep_key,
    source: row.source,
    runUrl: row.url,
    configurationId: identity.configurationId,
    measuredAt: new Date(row.measured_at).toISOString(),
    verdict: publishedVerdict.parse(row.verdict),
    reasons: reasonsOf(row.reasons),
    row: rowOf(identity.row, conc, row, optionalFields),
    gpus: identity.gpus,
    powerW: row.power_w,
    productVersion: identity.productVersion,
    facts: exportedFactsOf(row),
    confidence95: confidenceOf(row.confidence_95),
  };
}

const configurationOrder = [
  ...curveOrder.map((column) => `configurations.${column}` as const),
  'configurations.key',
  'measurements.conc',
] as const;

/**
 * The latest publishable measurement of every configuration at every concurrency, ordered by configuration.
 * With a sweep or a time in the filter: the latest of those that match.
 */
export async function latestPoints(db: Kysely<Schema>, filter: PointFilter = {}): Promise<StoredPoint[]> {
  const isOfEverything =
    filter.sweepId === undefined &&
    filter.since === undefined &&
    filter.until === undefined &&
    !asksForEnvironment(filter);
  let query = points(db).select(pointColumns).where(matching(filter));
  for (const column of configurationOrder) query = query.orderBy(column);
  if (isOfEverything) {
    const rows = await query
      .innerJoin('latest', (join) =>
        join
          .onRef('latest.measurement_id', '=', 'measurements.id')
          .onRef('latest.configuration_id', '=', 'configurations.id'),
      )
      .execute();
    return await justPoints(db, rows);
  }
  if (isAsOf(filter)) {
    const rows = await query
      .innerJoin(newestBefore(db, filter, Date.parse(filter.until)).as('newest'), (join) =>
        join
          .onRef('newest.id', '=', 'measurements.id')
          .onRef('newest.configuration_id', '=', 'configurations.id'),
      )
      .execute();
    return await justPoints(db, rows);
  }
  const rows = await query.orderBy('measurements.measured_at', 'desc').orderBy('measurements.key').execute();
  const newest = rows.filter((row, index) => {
    const before = rows[index - 1];
    return before?.configuration_id !== row.configuration_id || before.conc !== row.conc;
  });
  return await justPoints(db, newest);
}

/** Whether a filter asks for the latest measurements as of a time. */
function isAsOf(filter: PointFilter): filter is PointFilter & { readonly until: string } {
  const { until, since, sweepId } = filter;
  return until !== undefined && since === undefined && sweepId === undefined && !asksForEnvironment(filter);
}

/** The newest measurement before a time for every configuration and concurrency, each found by an index. */
function newestBefore(db: Kysely<Schema>, filter: PointFilter, until: number) {
  const selection = configurationsWith(db, filter);
  let places = db.selectFrom('latest');
  // Look up the few that match instead of scanning all.
  if (selection !== undefined) places = places.where('latest.configuration_id', 'in', selection);
  return places
    .select('latest.configuration_id')
    .select((select) =>
      select
        .selectFrom('measurements as older')
        .select('older.id')
        .whereRef('older.configuration_id', '=', 'latest.configuration_id')
        .whereRef('older.conc', '=', 'latest.conc')
        .where('older.measured_at', '<', until)
        .where('older.verdict', '!=', 'invalid')
        .orderBy('older.measured_at', 'desc')
        .orderBy('older.key')
        .limit(1)
        .$asScalar()
        .as('id'),
    );
}

/** Points, newest first. */
export async function pointsPage(
  db: Kysely<Schema>,
  filter: PointFilter = {},
  page: PageRequest = {},
): Promise<Page<StoredPoint>> {
  const limit = pageLimit(page);
  const places = await placesOnPage(db, filter, positionOf(page), limit + 1);
  const found = await pointsWithIds(
    db,
    places.slice(0, limit).map(({ id }) => id),
  );
  return pageOf(
    places,
    limit,
    ({ measured_at, id }) => [measured_at, id],
    ({ id }) => found.get(id) ?? missing(id),
  );
}

function missing(id: number): never {
  throw new Error(`point ${id} is listed and not there`);
}

/** Up to this many measurements are sorted to make a page; otherwise the newest are scanned. */
const mostSorted = 20_000;

/**
 * The ids of a page's points. Configurations are few, so matching ones are found first. If they have few
 * measurements, or all of them are wanted, these are sorted. If they have many, measurements are scanned
 * starting at their newest, which soon finds enough. `+ 0` keeps a database from choosing the other way.
 */
export async function placesOnPage(
  db: Kysely<Schema>,
  filter: PointFilter,
  after: PagePosition | undefined,
  limit: number,
): Promise<{ readonly id: number; readonly measured_at: number }[]> {
  let query = db
    .selectFrom('measurements')
    .select(['measurements.id', 'measurements.measured_at'])
    .where('measurements.configuration_id', 'is not', null)
    .where('measurements.verdict', '!=', 'invalid')
    .limit(limit);
  if (after !== undefined) {
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('measurements.measured_at', 'measurements.id'), '<', tuple(...after)),
    );
  }
  const { sweepId, conc, since, until } = filter;
  if (conc !== undefined) query = query.where('measurements.conc', '=', conc);
  if (since !== undefined) query = query.where('measurements.measured_at', '>=', Date.parse(since));
  if (until !== undefined) query = query.where('measurements.measured_at', '<', Date.parse(until));
  if (asksForEnvironment(filter))
    query = query.where('measurements.environment_id', 'in', environmentsWith(db, filter));
  if (sweepId !== undefined) {
    const sweep = await db.selectFrom('sweeps').select('id').where('key', '=', sweepId).executeTakeFirst();
    if (sweep === undefined) return [];
    query = query.where('measurements.sweep_id', '=', sweep.id);
  }
  const time = sql<number>`measurements.measured_at`;
  const newestFirst = (order: typeof time) =>
    query.orderBy(order, 'desc').orderBy('measurements.id', 'desc').execute();
  const matched = await matchedConfigurations(db, filter);
  if (matched === undefined) return await newestFirst(time);
  const { ids, points, newestAt, selection } = matched;
  if (points === 0) return [];
  if (points <= Math.max(mostSorted, limit) && ids.length <= mostNamed) {
    query = query.where('measurements.configuration_id', 'in', ids);
    return await newestFirst(sql<number>`measurements.measured_at + 0`);
  }
  query = query
    .where(sql<number>`measurements.configuration_id + 0`, 'in', selection)
    .where('measurements.measured_at', '<=', newestAt);
  return await newestFirst(time);
}

/** Maximum number of values in one statement. */
const mostNamed = 5_000;

/** The matching configurations with their counts; undefined if the filter has none of their fields. */
async function matchedConfigurations(db: Kysely<Schema>, filter: PointFilter) {
  const selection = configurationsWith(db, filter);
  if (selection === undefined) return undefined;
  const rows = await db
    .selectFrom('latest')
    .select(({ fn }) => [
      'configuration_id as id',
      fn.sum<number>('points').as('points'),
      fn.max('measured_at').as('newest'),
    ])
    .where('configuration_id', 'in', selection)
    .groupBy('configuration_id')
    .execute();
  return {
    selection,
    ids: rows.map(({ id }) => id),
    points: rows.reduce((sum, { points }) => sum + Number(points), 0),
    newestAt: rows.reduce((newest, row) => Math.max(newest, Number(row.newest)), 0),
  };
}

/** One published point; undefined if the store does not have it. */
export async function pointById(db: Kysely<Schema>, id: string): Promise<StoredPoint | undefined> {
  const rows = await points(db).select(pointColumns).where('measurements.key', '=', id).execute();
  return (await justPoints(db, rows))[0];
}

/** Published points by row id. */
export async function pointsWithIds(
  db: Kysely<Schema>,
  ids: readonly number[],
): Promise<ReadonlyMap<number, StoredPoint>> {
  const rows = await inParts(
    ids,
    async (some) => await points(db).select(pointColumns).where('measurements.id', 'in', some).execute(),
  );
  return new Map((await pointsOf(db, rows)).map(({ point, from }) => [from.rowid, point]));
}

/** Every published measurement of the given configurations, with the row id of its environment. */
export async function pointsOfConfigurations(
  db: Kysely<Schema>,
  configurationIds: readonly string[],
  since: string | undefined,
): Promise<{ readonly point: StoredPoint; readonly environmentId: number | null }[]> {
  const rows = await inParts(
    configurationIds,
    async (some) =>
      await points(db)
        .select(pointColumns)
        .where(matching({ since }))
        .where('configurations.key', 'in', some)
        .execute(),
  );
  return (await pointsOf(db, rows)).map(({ point, from }) => ({ point, environmentId: from.environment_id }));
}
