import type { Kysely } from 'kysely';
import { curveColumns } from '../../identity/index.ts';
import type { Schema } from '../schema.ts';
import { pointsWithIds, type StoredPoint } from './points.ts';

/** The latest measurement of a configuration at a concurrency, and the previous one. */
export interface StoredChange {
  readonly before: StoredPoint;
  readonly after: StoredPoint;
  /** Total tokens per second per accelerator. */
  readonly tputBefore: number;
  readonly tput: number;
  /** Relative change: (after − before) / before. */
  readonly relative: number;
}

export interface ChangesRequest {
  /** Measured again at or after this time, ISO 8601. */
  readonly since: string;
  /** How much older the previous measurement may be, in days. */
  readonly withinDays: number;
  readonly limit: number;
  /** Whether to include hardware of this name. */
  readonly shows: (hw: string) => boolean;
}

export interface StoredChanges {
  /** The largest changes of throughput, one per series and shape. */
  readonly largest: readonly StoredChange[];
  /** Number of points that were measured again, but not within the days before. */
  readonly olderBefore: number;
}

const dayMs = 86_400_000;

/** Compares what was measured again with the previous measurement, unless that is too old to compare with. */
export async function largestChanges(
  db: Kysely<Schema>,
  { since, withinDays, limit, shows }: ChangesRequest,
): Promise<StoredChanges> {
  const again = (await againMeasured(db, since)).filter(({ hw }) => shows(hw));
  const pairs = again.filter(({ apartMs }) => apartMs <= withinDays * dayMs);
  const seen = new Set<string>();
  const largest = pairs
    .map((pair) => ({ ...pair, relative: (pair.tput - pair.tputBefore) / pair.tputBefore }))
    .toSorted((a, b) => Math.abs(b.relative) - Math.abs(a.relative))
    .filter(({ series }) => !seen.has(series) && seen.add(series))
    .slice(0, limit);
  const points = await pointsWithIds(
    db,
    largest.flatMap(({ before, after }) => [before, after]),
  );
  return {
    olderBefore: again.length - pairs.length,
    largest: largest.flatMap(({ before, after, tputBefore, tput, relative }) => {
      const [earlier, later] = [points.get(before), points.get(after)];
      return earlier === undefined || later === undefined
        ? []
        : [{ before: earlier, after: later, tputBefore, tput, relative }];
    }),
  };
}

/** Pairs of measurements by row id. There may be many, so nothing else is read. */
async function againMeasured(db: Kysely<Schema>, since: string) {
  const pairs = db
    .selectFrom('latest')
    .select(['latest.configuration_id', 'latest.measurement_id as after'])
    .select((select) =>
      select
        .selectFrom('measurements as earlier')
        .select('earlier.id')
        .whereRef('earlier.configuration_id', '=', 'latest.configuration_id')
        .whereRef('earlier.conc', '=', 'latest.conc')
        .whereRef('earlier.measured_at', '<', 'latest.measured_at')
        .where('earlier.verdict', '!=', 'invalid')
        .orderBy('earlier.measured_at', 'desc')
        .limit(1)
        .as('before'),
    )
    .where('latest.measured_at', '>=', Date.parse(since));
  const rows = await db
    // Otherwise PostgreSQL looks up each earlier measurement twice.
    .with(
      (name) => name('pairs').materialized(),
      () => pairs,
    )
    .selectFrom('pairs')
    .innerJoin('measurements as later', 'later.id', 'pairs.after')
    .innerJoin('measurements as earlier', 'earlier.id', 'pairs.before')
    .select(['pairs.configuration_id', 'pairs.after', 'pairs.before'])
    .select(['later.tput_per_gpu as tput', 'earlier.tput_per_gpu as tput_before'])
    .select(['later.measured_at as later_at', 'earlier.measured_at as earlier_at'])
    .where('earlier.tput_per_gpu', '>', 0)
    .where('later.tput_per_gpu', 'is not', null)
    .execute();
  const curves = await curvesOf(db);
  return rows.flatMap(({ configuration_id: id, after, before, tput, tput_before: tputBefore, ...at }) => {
    const curve = curves.get(id);
    if (curve === undefined || before === null || tput === null || tputBefore === null) return [];
    return { after, before, tput, tputBefore, apartMs: at.later_at - at.earlier_at, ...curve };
  });
}

/** The hardware and the series of every configuration by its row id; there are far fewer than measurements. */
async function curvesOf(db: Kysely<Schema>) {
  const rows = await db
    .selectFrom('configurations')
    .select(['id', ...curveColumns])
    .execute();
  return new Map(rows.map(({ id, hw, ...rest }) => [id, { hw, series: JSON.stringify([hw, rest]) }]));
}
