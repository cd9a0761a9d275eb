import { InputError } from '../../errors.ts';
import type { IdentityFilter } from '../../identity/index.ts';
import type { ComparedMeasurement } from './compared-measurement.ts';
import type { Repeats } from './noise.ts';

/** A published point of a source, before its environment is looked up. */
interface NamedPoint {
  readonly id: string;
  readonly configurationId: string;
  /** ISO 8601. */
  readonly measuredAt: string;
}

/** A measurement with its environment. */
export interface SourcePoint extends NamedPoint, ComparedMeasurement {
  /** Equal for measurements that differ only by noise. */
  readonly environment: string;
}

interface SourceFilter extends IdentityFilter {
  readonly sweepId?: string | undefined;
  readonly until?: string | undefined;
}

/** Where sides come from: what a comparison asks of a store. */
export interface PointSource {
  readonly latestPoints: (filter: SourceFilter) => Promise<readonly NamedPoint[]>;
  readonly points: (
    filter: SourceFilter,
    page: { readonly limit: number; readonly cursor?: string | undefined },
  ) => Promise<{ readonly items: readonly NamedPoint[]; readonly next?: string | undefined }>;
  readonly idsStartingWith: (table: 'sweeps', beginning: string, limit: number) => Promise<readonly string[]>;
  readonly measurementsOf: (
    configurationIds: readonly string[],
    since: string,
  ) => Promise<readonly SourcePoint[]>;
}

/** One side of a comparison. */
export interface Side {
  /** The name to show. */
  readonly name: string;
  readonly points: readonly SourcePoint[];
  /** Other measurements of the same configurations, for their noise. */
  readonly others: readonly SourcePoint[];
}

/** The points that an argument names, before their repeats are looked up. */
export interface NamedPoints {
  readonly name: string;
  readonly points: readonly NamedPoint[];
}

const dayMs = 86_400_000;

/**
 * The points that an argument names in a store: `latest`; a sweep by its id or the beginning of it; a date, for what was the latest
 * at its end, or a time. Undefined if it is none of them; throws InputError if it is ambiguous.
 */
export async function namedPoints(
  word: string,
  store: PointSource,
  filter: SourceFilter = {},
): Promise<NamedPoints | undefined> {
  if (word === 'latest') return { name: word, points: await store.latestPoints(filter) };
  const [id, other] = await store.idsStartingWith('sweeps', word, 2);
  if (id !== undefined) {
    if (other !== undefined && id !== word)
      throw new InputError(
        `'${word}' begins the ids of several sweeps, such as ${id} and ${other}`,
        undefined,
        { code: 'not-a-result' },
      );
    return { name: id, points: await pointsOfSweep(store, id, filter) };
  }
  if (!/^\d{4}-\d\d-\d\d/.test(word)) return undefined;
  const at = Date.parse(word);
  if (Number.isNaN(at))
    throw new InputError(`'${word}' is not a time`, 'such as 2026-01-14T10:15:00Z', { code: 'not-a-result' });
  const until = new Date(word.length === 10 ? at + dayMs : at).toISOString();
  return { name: `as of ${word}`, points: await store.latestPoints({ ...filter, until }) };
}

export async function pointsOfSweep(
  store: PointSource,
  sweepId: string,
  filter: SourceFilter = {},
): Promise<readonly NamedPoint[]> {
  const points: NamedPoint[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.points({ ...filter, sweepId }, { limit: 1000, cursor });
    points.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return points;
}

/** The side that consists of points and the store's other measurements of their configurations, from `days` days before. */
export async function sideIn(
  store: PointSource,
  { name, points }: NamedPoints,
  noiseDays: number,
): Promise<Side> {
  const ids = new Set(points.map(({ id }) => id));
  const all = await measurementsLike(points, store, noiseDays);
  return {
    name,
    points: all.filter(({ id }) => ids.has(id)),
    others: all.filter(({ id }) => !ids.has(id)),
  };
}

/** All measurements of the points' configurations in a store, from `days` days before the first point on. */
export async function measurementsLike(
  points: readonly NamedPoint[],
  store: PointSource,
  noiseDays: number,
): Promise<readonly SourcePoint[]> {
  if (points.length === 0) return [];
  const oldest = points.reduce((least, { measuredAt }) => Math.min(least, Date.parse(measuredAt)), Infinity);
  const since = new Date(oldest - noiseDays * dayMs).toISOString();
  return await store.measurementsOf([...new Set(points.map((point) => point.configurationId))], since);
}

/** A store's point as a comparison takes it. */
export function measuredPoint({
  id,
  row,
  client,
  productVersion,
  verdict,
  reasons,
  confidence95,
}: SourcePoint): ComparedMeasurement {
  return { id, row, client, productVersion, verdict, reasons, confidence95 };
}

/**
 * Measurements of the same point in the same environment, whichever runs they are in. Where both sides are in one
 * environment, what differs between them may be more than noise: each is then taken with what was measured on its own
 * side of the time between them, and what lies in that time by itself.
 */
export function repeatsOf(a: Side, b: Side): Repeats[] {
  const inA = new Set(a.points.map(({ id }) => id));
  const inB = new Set(b.points.map(({ id }) => id));
  const all = new Map([a.points, a.others, b.points, b.others].flat().map((point) => [point.id, point]));
  const alike = Map.groupBy(all.values(), ({ configurationId, row, environment }) =>
    JSON.stringify([configurationId, row.conc, environment]),
  );
  return [...alike.values()]
    .flatMap((points) => apart(points, inA, inB))
    .filter((points) => points.length > 1)
    .map((points) => ({ points: points.map(measuredPoint) }));
}

/** Points of one environment in groups that differ by noise only. */
function apart(
  points: readonly SourcePoint[],
  inA: ReadonlySet<string>,
  inB: ReadonlySet<string>,
): (readonly SourcePoint[])[] {
  const sides = [inA, inB].map((ids) => points.filter(({ id }) => ids.has(id)));
  if (sides.some((side) => side.length === 0)) return [points];
  const times = sides.map((side) => side.map(({ measuredAt }) => Date.parse(measuredAt)));
  const [earlier = [], later = []] = times.toSorted((one, other) => Math.min(...one) - Math.min(...other));
  const [until, from] = [Math.min(...earlier), Math.max(...later)];
  const [first, last] = earlier === times[0] ? ['a', 'b'] : ['b', 'a'];
  const groups = Map.groupBy(points, ({ id, measuredAt }) => {
    if (inA.has(id)) return 'a';
    if (inB.has(id)) return 'b';
    const at = Date.parse(measuredAt);
    return at <= until ? first : at >= from ? last : 'between';
  });
  return [...groups.values()];
}
