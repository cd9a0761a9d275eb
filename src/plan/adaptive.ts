import { configurationFields, curveFields, isMultiNode, rowIdentity, rowKeyBy } from '../identity/index.ts';
import { hypervolume, type ParetoFigures } from './pareto.ts';
import type { Point } from './recipe.ts';
import type { Plan } from './session.ts';

/** A point that may be worth measuring. */
export interface Candidate {
  /** The id of the planned point. */
  readonly id: string;
  /** Points of one ladder differ only in concurrency. */
  readonly ladder: string;
  readonly conc: number;
}

/** All points of one Pareto frontier: same model, precision, hardware, framework and shape. */
export interface CandidateCurve {
  readonly key: string;
  readonly candidates: readonly Candidate[];
}

/** The result of a finished point. */
export interface Measurement {
  /** The id of the planned point. */
  readonly id: string;
  /** Tokens per second per GPU. */
  readonly tputPerGpu: number;
  /** Median interactivity, tokens per second per user. */
  readonly interactivity: number;
  /** Median end-to-end latency, seconds. */
  readonly e2elS: number;
}

export interface AdaptiveOptions {
  /** The fraction of the frontier's hypervolume, on each chart, that all skipped points together may cost. */
  readonly maxLoss?: number;
  /** Measurement error, as a fraction of the true value. */
  readonly noise?: number;
  /** Ids of points that were skipped and can no longer be measured, because their engine was stopped. */
  readonly givenUp?: ReadonlySet<string>;
}

export interface SkippedPoint {
  readonly candidate: Candidate;
  /** The largest fraction of hypervolume that this point alone could add. */
  readonly bound: number;
  readonly reason: string;
}

/** The points to measure next, most promising first, and the points that can no longer matter. */
export interface NextPoints {
  readonly measure: readonly Candidate[];
  readonly skipped: readonly SkippedPoint[];
}

/**
 * The two charts of a curve: throughput per GPU against interactivity, and against the inverse of end-to-end
 * latency.
 */
const charts: readonly ((measurement: Measurement) => ParetoFigures)[] = [
  ({ interactivity, tputPerGpu }) => ({ x: interactivity, y: tputPerGpu }),
  ({ e2elS, tputPerGpu }) => ({ x: 1 / e2elS, y: tputPerGpu }),
];

/** By default, the skipped points of a curve may cost 1 %. */
export const defaultMaxLoss = 0.01;
const defaultNoise = 0.01;
/**
 * How far a point may lie above the interpolation of its measured neighbours, as a fraction per doubling in
 * between.
 */
const smoothness = 0.05;

/**
 * Decides which points of a curve are still worth measuring. Call it again after every measurement. A skip is
 * provisional: it becomes final when nothing is left to measure or the caller gives the point up.
 *
 * Two assumptions about an engine bound an unmeasured point: at a higher concurrency no user is served
 * faster, and total throughput does not fall. So x(c) ≤ min(x(a), x(b)·b/c) and y(c) ≤ min(y(b), y(a)·c/a)
 * for measured a < c < b, because throughput is concurrency times the rate per user. The point also lies near
 * the interpolation: at most `smoothness` above it for every doubling between its neighbours. The best
 * position that a point can have, raised by the noise, gives the hypervolume that it could add. The points
 * that could add the least are skipped, as long as all skipped points at their best positions together add
 * less than `maxLoss` on every chart. The lowest and the highest concurrency of a ladder are always measured.
 */
export function nextPoints(
  curve: CandidateCurve,
  measured: readonly Measurement[],
  { maxLoss = defaultMaxLoss, noise = defaultNoise, givenUp = new Set() }: AdaptiveOptions = {},
): NextPoints {
  const known = new Map(measured.map((measurement) => [measurement.id, measurement]));
  const ladders = Map.groupBy(curve.candidates, ({ ladder }) => ladder);
  const rungsOf = ({ ladder }: Candidate): Rung[] =>
    (ladders.get(ladder) ?? []).flatMap(({ id, conc }) => {
      const measurement = known.get(id);
      return measurement === undefined ? [] : [{ conc, measurement }];
    });
  const judged = curve.candidates
    .filter(({ id }) => !known.has(id))
    .map((candidate) => ({ candidate, best: bestPlaces(candidate, rungsOf(candidate), 1 + noise) }));
  const frontiers = charts.map((chart) => measured.map(chart));
  const areas = frontiers.map(hypervolume);
  /**
   * The fraction of hypervolume that points at these positions would add, on the chart where it is largest.
   */
  const gain = (places: readonly (readonly ParetoFigures[])[]): number =>
    Math.max(
      ...charts.map((_, chart) => {
        const before = areas[chart] ?? 0;
        const after = hypervolume([
          ...(frontiers[chart] ?? []),
          ...places.flatMap((list) => list[chart] ?? []),
        ]);
        return before === 0 ? Number.POSITIVE_INFINITY : after / before - 1;
      }),
    );

  const isGivenUp = ({ candidate }: (typeof judged)[number]) => givenUp.has(candidate.id);
  const unbounded = judged.flatMap(({ candidate, best }) =>
    best === undefined && !givenUp.has(candidate.id) ? [candidate] : [],
  );
  const bounded = judged
    .flatMap(({ candidate, best }) => (best === undefined ? [] : [{ candidate, best, bound: gain([best]) }]))
    .toSorted((a, b) => a.bound - b.bound || b.candidate.conc - a.candidate.conc)
    .toSorted((a, b) => Number(isGivenUp(b)) - Number(isGivenUp(a)));
  let skip = bounded.filter(isGivenUp).length;
  while (skip < bounded.length && gain(bounded.slice(0, skip + 1).map(({ best }) => best)) <= maxLoss) skip++;
  return {
    measure: [
      ...endsFirst(unbounded, curve),
      ...bounded
        .slice(skip)
        .toReversed()
        .map(({ candidate }) => candidate),
    ],
    skipped: bounded.slice(0, skip).map(({ candidate, bound }) => ({
      candidate,
      bound,
      reason:
        bound === 0
          ? 'measured points are better in every figure than this point can be'
          : `it can add at most ${(100 * bound).toFixed(2)} % to the frontier's hypervolume`,
    })),
  };
}

/**
 * The best position of an unmeasured point on each chart; undefined without measured neighbours on both
 * sides.
 */
function bestPlaces(
  { conc }: Candidate,
  rungs: readonly Rung[],
  slack: number,
): readonly ParetoFigures[] | undefined {
  const below = rungs.filter((rung) => rung.conc < conc).toSorted((a, b) => b.conc - a.conc)[0];
  const above = rungs.filter((rung) => rung.conc > conc).toSorted((a, b) => a.conc - b.conc)[0];
  if (below === undefined || above === undefined) return undefined;
  const doublings = Math.log2(above.conc / below.conc);
  const room = 1 + smoothness * Math.max(1, doublings - 1);
  return charts.map((chart) => {
    const low = { conc: below.conc, ...chart(below.measurement) };
    const high = { conc: above.conc, ...chart(above.measurement) };
    const between = interpolated(low, high, conc);
    const fastest = Math.min(low.x, (high.x * high.conc) / conc);
    const most = Math.min(high.y, (low.y * conc) / low.conc);
    return {
      x: Math.min(fastest, between.x * room) * slack,
      // An overloaded engine may have a lower total throughput; the interpolation accounts for that.
      y: Math.min(Math.max(most, between.y), between.y * room) * slack,
    };
  });
}

/** A measured concurrency of a ladder. */
interface Rung {
  readonly conc: number;
  readonly measurement: Measurement;
}

/**
 * Interpolates between two concurrencies of one engine: the time per token (or request) grows roughly
 * linearly.
 */
function interpolated(low: PlacedRung, high: PlacedRung, conc: number): ParetoFigures {
  const share = (conc - low.conc) / (high.conc - low.conc);
  const x = 1 / ((1 - share) / low.x + share / high.x);
  // Throughput per GPU is concurrency times the rate per user, times a factor that changes slowly.
  const factorOf = (rung: PlacedRung) => rung.y / (rung.conc * rung.x);
  return { x, y: ((1 - share) * factorOf(low) + share * factorOf(high)) * conc * x };
}

interface PlacedRung extends ParetoFigures {
  readonly conc: number;
}

/** Puts the ends of every ladder first, because they bound the points in between. */
function endsFirst(unbounded: readonly Candidate[], curve: CandidateCurve): Candidate[] {
  const isEnd = ({ ladder, conc }: Candidate) => {
    const concs = curve.candidates.filter((other) => other.ladder === ladder).map((other) => other.conc);
    return conc === Math.max(...concs) || conc === Math.min(...concs);
  };
  const ladders = [...Map.groupBy(unbounded, ({ ladder }) => ladder).values()];
  const ends = ladders.flatMap((rungs) => rungs.filter(isEnd).toSorted((a, b) => b.conc - a.conc));
  return [...ends, ...unbounded.filter((candidate) => !isEnd(candidate))];
}

/** The curves of a plan, in the order of its points. */
export function curvesOf(plan: Plan): readonly CandidateCurve[] {
  const curves = new Map<string, Candidate[]>();
  for (const { points } of plan.sessions) {
    for (const { id, ...point } of points) {
      const key = curveKey(point);
      const candidates = curves.get(key) ?? [];
      candidates.push({ id, ladder: ladderKey(point), conc: point.conc });
      curves.set(key, candidates);
    }
  }
  return [...curves].map(([key, candidates]) => ({ key, candidates }));
}

/** The curve that a point belongs to. */
export function curveKey(point: Point): string {
  return rowKeyBy(curveFields, rowIdentity(point));
}

/**
 * The ladder of a point: points of one ladder have the same settings, including those of their workers,
 * except for concurrency.
 */
function ladderKey(point: Point): string {
  const { entry } = point;
  const settings = isMultiNode(entry)
    ? [entry.prefill, entry.decode].map((group) => group['additional-settings'])
    : [];
  return JSON.stringify([rowKeyBy(configurationFields, rowIdentity(point)), ...settings]);
}
