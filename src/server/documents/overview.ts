import { z } from 'zod';
import { type BestAt, bestAt } from '../../derived/best-at.ts';
import { costPerMillion, type Payer } from '../../derived/cost.ts';
import { paretoFrontier } from '../../derived/frontier.ts';
import { tokensPerSPerMw } from '../../derived/power.ts';
import type { ThroughputPerGpu } from '../../derived/throughput.ts';
import { layoutName } from '../../identity/index.ts';
import type { FrontierPoint, StoredChange } from '../../store/index.ts';
import { type Knowledge, shows } from '../knowledge.ts';
import { publicName } from '../privacy.ts';
import { changelogEntry, entryOf, namesConfigOf } from './changelog.ts';
import { publishedVerdict, series, shape } from './columns.ts';
import { documentKind, theOne } from './document.ts';
import { gpuNamed, seriesNamed, seriesOfPoint, shapeNamed, shapeOf } from './point-columns.ts';

/** A figure on a frontier: at a measured point, or on the straight line between two neighbours; never beyond its ends. */
const onFrontier = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('measured'), id: z.string() }),
  z.object({
    kind: z.literal('interpolated'),
    /** The neighbours, the one with the higher throughput first. */
    ids: z.tuple([z.string(), z.string()]),
    /** Their throughputs: the figure cannot be outside if the frontier falls between them. */
    range: z.tuple([z.number(), z.number()]),
  }),
]);

/** $ per million tokens by who pays; null where the hardware has no constants. */
export const costs = z.object({
  hyperscaler: z.number().nullable(),
  neocloud: z.number().nullable(),
  rental: z.number().nullable(),
});

/** The best of one hardware at a level of interactivity. */
export const place = z.object({
  hw: z.string(),
  gpu: z.string().nullable(),
  at: onFrontier,
  /** Series it rests on: one, or the two of its neighbours. */
  series: z.array(series),
  totalTputPerGpu: z.number(),
  usdPerMillionTotalTokens: costs,
  totalTokensPerSPerMw: z.number().nullable(),
  /** The older of the measurements it rests on. */
  measuredAt: z.iso.datetime(),
  /** Suspect where one of those is. */
  verdict: publishedVerdict,
});

/** The best of each hardware that gives every user this many tokens per second at the median. */
export const level = z.object({
  medianInteractivity: z.number().positive(),
  /** The highest throughput per GPU first. */
  ranking: z.array(place),
  /** Hardware that was measured, but never at this level or above. */
  outOfReach: z.array(z.string()),
});

export const overviewShape = shape.extend({
  /** Latest points of which one of the two figures is not known: they are on no frontier. */
  withoutFigures: z.int().nonnegative(),
  series: z.array(series),
  /** Of each hardware the best of all its series: throughput of all tokens per GPU over median interactivity. */
  frontiers: z.array(
    z.object({
      hw: z.string(),
      gpu: z.string().nullable(),
      /** By rising interactivity. */
      points: z.array(
        z.object({
          id: z.string(),
          /** Index into `series`. */
          series: z.int().nonnegative(),
          medianInteractivity: z.number(),
          totalTputPerGpu: z.number(),
          verdict: publishedVerdict,
        }),
      ),
    }),
  ),
  levels: z.array(level),
});

const side = z.object({
  id: z.string(),
  measuredAt: z.iso.datetime(),
  value: z.number(),
  image: z.string(),
  verdict: publishedVerdict,
});

const change = z.object({
  shape,
  series,
  layout: z.string(),
  conc: z.int().positive(),
  metric: z.literal('totalTputPerGpu'),
  before: side,
  after: side,
  /** (after − before) / before. One measurement each: how much of it is noise, `compare` says. */
  relative: z.number(),
  /** The changelog entries since `before` that name a config of the series. */
  changelog: z.array(changelogEntry),
});

/** `overview`: the answer at a glance. */
export const overviewDocument = z.object({
  shapes: z.array(overviewShape),
  /** Of the week before the newest measurement, the largest first, at most one per series and shape. */
  changes: z.array(change),
  /** The window of `changes`; null while there is no measurement. */
  changesSince: z.iso.datetime().nullable(),
});

const weekMs = 7 * 86_400_000;
const mostChanges = 50;
const mostLevels = 5;

export const overviewKind = documentKind({
  path: 'overview',
  summary:
    'The best of each hardware by model and shape at several levels of interactivity, and what changed in the week before the newest measurement.',
  schema: overviewDocument,
  all: theOne,
  build: async (knowledge) => {
    const points = (await knowledge.store.frontierPoints({})).filter(({ hw }) => shows(knowledge, hw));
    const newest = points.reduce((latest, { measuredAt }) => Math.max(latest, Date.parse(measuredAt)), 0);
    const changesSince = newest === 0 ? null : new Date(newest - weekMs).toISOString();
    const shapes = Map.groupBy(points, (point) => shapeNamed(point).key);
    return {
      shapes: [...shapes.values()].map((members) => shapeOverview(knowledge, members)),
      changes: changesSince === null ? [] : await changesOf(knowledge, changesSince),
      changesSince,
    };
  },
});

function shapeOverview(
  knowledge: Knowledge,
  points: readonly FrontierPoint[],
): z.infer<typeof overviewShape> {
  const [first] = points;
  if (first === undefined) throw new Error('a shape has points');
  const placed = placedOf(points);
  const frontiers = frontiersOf(placed);
  const keys = new Map<string, { readonly index: number; readonly series: z.infer<typeof series> }>();
  const indexOf = (point: FrontierPoint): number => {
    const one = seriesNamed(point, knowledge.gpus);
    const known = keys.get(one.key) ?? { index: keys.size, series: one };
    keys.set(one.key, known);
    return known.index;
  };
  return {
    ...shapeNamed(first),
    withoutFigures: points.length - placed.length,
    frontiers: [...frontiers].map(([hw, frontier]) => ({
      hw,
      gpu: gpuNamed(hw, knowledge.gpus),
      points: frontier.map((point) => ({
        id: point.id,
        series: indexOf(point),
        medianInteractivity: point.medianInteractivity,
        totalTputPerGpu: point.totalTputPerGpu,
        verdict: point.verdict,
      })),
    })),
    levels: levelsOf([...frontiers.values()].flat().map((point) => point.medianInteractivity)).map((asked) =>
      rankingAt(knowledge, frontiers, asked),
    ),
    series: [...keys.values()].map((known) => known.series),
  };
}

/** A point of which both figures of a frontier are known. */
export interface PlacedPoint extends FrontierPoint {
  readonly medianInteractivity: number;
  readonly totalTputPerGpu: number;
}

/** The points that can be on a frontier. */
export function placedOf(points: readonly FrontierPoint[]): PlacedPoint[] {
  return points.filter(
    (point): point is PlacedPoint => point.medianInteractivity !== null && point.totalTputPerGpu !== null,
  );
}

export type Frontiers = ReadonlyMap<string, readonly PlacedPoint[]>;

/** The frontier of each hardware over all its series. */
export function frontiersOf(points: readonly PlacedPoint[]): Frontiers {
  const byHardware = Map.groupBy(points, ({ hw }) => hw);
  return new Map(
    [...byHardware].map(([hw, members]) => [
      hw,
      paretoFrontier(members, position, { x: 'higher', y: 'higher' }),
    ]),
  );
}

function position({ medianInteractivity: x, totalTputPerGpu: y }: PlacedPoint) {
  return { x, y };
}

/** The best of each hardware at a level of median interactivity. */
export function rankingAt(
  knowledge: Pick<Knowledge, 'gpus'>,
  frontiers: Frontiers,
  medianInteractivity: number,
): z.infer<typeof level> {
  const found = [...frontiers].map(([hw, frontier]) => ({
    hw,
    best: bestAt(frontier, position, medianInteractivity, 'higher'),
  }));
  return {
    medianInteractivity,
    ranking: found
      .flatMap(({ hw, best }) => (best.kind === 'out-of-reach' ? [] : [placeOf(knowledge, hw, best)]))
      .toSorted((a, b) => b.totalTputPerGpu - a.totalTputPerGpu),
    outOfReach: found.flatMap(({ hw, best }) => (best.kind === 'out-of-reach' ? [hw] : [])),
  };
}

function placeOf(
  { gpus }: Pick<Knowledge, 'gpus'>,
  hw: string,
  best: Exclude<BestAt<PlacedPoint>, { readonly kind: 'out-of-reach' }>,
): z.infer<typeof place> {
  const gpu = gpuNamed(hw, gpus);
  const constants = gpus.find((one) => one.gpu === gpu);
  const throughput: ThroughputPerGpu = { tokens: 'total', dividedBy: 'all', perGpu: best.y };
  const cost = (payer: Payer): number | null =>
    constants === undefined
      ? null
      : (costPerMillion(throughput, { usdPerGpuHour: constants.usdPerGpuHour[payer].value })?.usd ?? null);
  const rests = best.kind === 'measured' ? [best.item] : best.items;
  const restsOn = new Map(rests.map((point) => seriesNamed(point, gpus)).map((one) => [one.key, one]));
  return {
    hw,
    gpu,
    at:
      best.kind === 'measured'
        ? { kind: 'measured', id: best.item.id }
        : {
            kind: 'interpolated',
            ids: [best.items[0].id, best.items[1].id],
            range: [best.range[0], best.range[1]],
          },
    series: [...restsOn.values()],
    totalTputPerGpu: best.y,
    usdPerMillionTotalTokens: {
      hyperscaler: cost('hyperscaler'),
      neocloud: cost('neocloud'),
      rental: cost('rental'),
    },
    totalTokensPerSPerMw:
      constants === undefined ? null : tokensPerSPerMw(throughput, constants.allInPowerKw.value),
    measuredAt: rests.map(({ measuredAt }) => measuredAt).toSorted()[0] ?? '',
    verdict: verdictOf(rests),
  };
}

/** A figure is as good as the worst measurement that it rests on. */
export function verdictOf(rests: readonly Pick<FrontierPoint, 'verdict'>[]): FrontierPoint['verdict'] {
  return rests.some(({ verdict }) => verdict === 'suspect') ? 'suspect' : 'valid';
}

/** Round levels (1, 2, 5, 10, …) that something measured reaches, spread over what was measured. */
export function levelsOf(interactivities: readonly number[]): number[] {
  const [least, most] = [Math.min(...interactivities), Math.max(...interactivities)];
  if (!(least > 0)) return [];
  const rounds: number[] = [];
  for (let power = Math.floor(Math.log10(least)); 10 ** power <= most; power++)
    for (const digit of [1, 2, 3, 5, 7]) rounds.push(Number(`${digit}e${power}`));
  const within = rounds.filter((value) => value >= least && value <= most);
  // All points between two round numbers: the one below, which all of them reach.
  if (within.length === 0) return rounds.filter((value) => value < least).slice(-1);
  if (within.length <= mostLevels) return within;
  const step = (within.length - 1) / (mostLevels - 1);
  return Array.from({ length: mostLevels }, (_, index) => within[Math.round(index * step)] ?? 0);
}

async function changesOf(knowledge: Knowledge, since: string): Promise<z.infer<typeof change>[]> {
  const [largest, entries] = await Promise.all([
    knowledge.store.largestChanges({ since, limit: mostChanges, shows: (hw) => shows(knowledge, hw) }),
    knowledge.store.changelog(),
  ]);
  return largest.map(({ before, after, tputBefore, tput, relative }) => {
    const { row } = after;
    const config = { ...shapeOf(row), ...seriesOfPoint(row, []) };
    const names = namesConfigOf(knowledge, config);
    return {
      shape: shapeOf(row),
      series: seriesOfPoint(row, knowledge.gpus),
      layout: layoutName(row),
      conc: row.conc,
      metric: 'totalTputPerGpu',
      before: sideOf(before, tputBefore),
      after: sideOf(after, tput),
      relative,
      changelog: entries
        .filter((entry) => names(entry) && (entry.addedAt ?? '') > before.measuredAt)
        .map(entryOf),
    };
  });
}

function sideOf(
  { id, measuredAt, row, verdict }: StoredChange['after'],
  value: number,
): z.infer<typeof side> {
  return { id, measuredAt, value, image: publicName(row.image), verdict };
}
