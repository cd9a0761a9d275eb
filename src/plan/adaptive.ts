import { isMultiNode } from '../matrix/entry.ts';
import { type ChartPoint, hypervolume } from './pareto.ts';
import type { Point } from './recipe.ts';
import type { Plan } from './session.ts';

/** A point that may be worth measuring. */
export interface Candidate {
  /** The planned point's id. */
  readonly id: string;
  /** Points of one ladder differ only in concurrency. */
  readonly ladder: string;
  readonly conc: number;
}

/** All points whose Pareto frontier is drawn as one: a model, precision, hardware, framework and shape. */
export interface Curve {
  readonly key: string;
  readonly candidates: readonly Candidate[];
}

/** What a finished point showed. */
export interface Measurement {
  /** The planned point's id. */
  readonly id: string;
  /** Tokens per second per GPU. */
  readonly tputPerGpu: number;
  /** Median interactivity, tokens per second per user. */
  readonly interactivity: number;
  /** Median end-to-end latency, seconds. */
  readonly e2elS: number;
}

export interface AdaptiveOptions {
  /** The share of the frontier's hypervolume, on each chart, that all skipped points together may cost. */
  readonly maxLoss?: number;
  /** How far a measurement may lie from the truth, as a share of it. */
  readonly noise?: number;
  /** Ids of points that were skipped and cannot be measured any more, because their engine was stopped. */
  readonly givenUp?: ReadonlySet<string>;
}

export interface SkippedPoint {
  readonly candidate: Candidate;
  /** The largest share of hypervolume that this point alone could add. */
  readonly bound: number;
  readonly reason: string;
}

/** What to measure next, the most promising first, and what can no longer matter. */
export interface NextPoints {
  readonly measure: readonly Candidate[];
  readonly skipped: readonly SkippedPoint[];
}

/** The charts of a curve: throughput per GPU against interactivity, and against the inverse of end-to-end latency. */
const charts: readonly ((measurement: Measurement) => ChartPoint)[] = [
  ({ interactivity, tputPerGpu }) => ({ x: interactivity, y: tputPerGpu }),
  ({ e2elS, tputPerGpu }) => ({ x: 1 / e2elS, y: tputPerGpu }),
];

/** By default the skipped points of a curve may cost half a percent. */
export const defaultMaxLoss = 0.005;
const defaultNoise = 0.01;

/**
 * Decides which points of a curve are still worth measuring, to be asked again after every measurement. A skip is what
 * is best now: it is final when nothing is left to measure, or when the caller gives the point up.
 *
 * The bound of an unmeasured point rests on two facts about one engine under more concurrency: nobody is served faster,
 * and the engine does not get slower in total. With them, between measured concurrencies a < c < b,
 * x(c) ≤ min(x(a), x(b)·b/c) and y(c) ≤ min(y(b), y(a)·c/a), because throughput is concurrency times what each user
 * gets; outside, the terms that are known. The best place that a point can have, raised by the noise, says how much
 * hypervolume it could add. The points that could add the least are skipped, as long as all skipped points at their
 * best places together stay below `maxLoss` on every chart. A ladder is never judged without a measurement of its own.
 */
export function nextPoints(
  curve: Curve,
  measured: readonly Measurement[],
  { maxLoss = defaultMaxLoss, noise = defaultNoise, givenUp = new Set() }: AdaptiveOptions = {},
): NextPoints {
  const known = new Map(measured.map((measurement) => [measurement.id, measurement]));
  const judged = curve.candidates
    .filter(({ id }) => !known.has(id))
    .map((candidate) => ({ candidate, best: bestPlaces(candidate, curve, known, 1 + noise) }));
  const frontiers = charts.map((chart) => measured.map(chart));
  const areas = frontiers.map(hypervolume);
  /** The share of hypervolume that points at these places would add, on the chart where it is largest. */
  const gain = (places: readonly (readonly ChartPoint[])[]): number =>
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
  const unknown = judged.flatMap(({ candidate, best }) => (best === undefined ? [candidate] : []));
  const bounded = judged
    .flatMap(({ candidate, best }) => (best === undefined ? [] : [{ candidate, best, bound: gain([best]) }]))
    .toSorted((a, b) => a.bound - b.bound || b.candidate.conc - a.candidate.conc)
    .toSorted((a, b) => Number(isGivenUp(b)) - Number(isGivenUp(a)));
  let skip = bounded.filter(isGivenUp).length;
  while (skip < bounded.length && gain(bounded.slice(0, skip + 1).map(({ best }) => best)) <= maxLoss) skip++;
  return {
    measure: [
      ...endsFirst(unknown),
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
          ? 'measured points are better in every figure than it can be'
          : `it can add at most ${(100 * bound).toFixed(2)} % to the frontier's hypervolume`,
    })),
  };
}

/** Where an unmeasured point lies at best on each chart; undefined while nothing of its ladder is measured. */
function bestPlaces(
  { ladder, conc }: Candidate,
  curve: Curve,
  known: ReadonlyMap<string, Measurement>,
  slack: number,
): readonly ChartPoint[] | undefined {
  const rungs = curve.candidates.flatMap((candidate) => {
    const measurement = known.get(candidate.id);
    return candidate.ladder === ladder && measurement !== undefined
      ? [{ conc: candidate.conc, measurement }]
      : [];
  });
  if (rungs.length === 0) return undefined;
  return charts.map((chart) => {
    let x = Number.POSITIVE_INFINITY;
    let y = Number.POSITIVE_INFINITY;
    for (const rung of rungs) {
      const place = chart(rung.measurement);
      const ratio = conc / rung.conc;
      x = Math.min(x, ratio >= 1 ? place.x : place.x / ratio);
      y = Math.min(y, ratio >= 1 ? place.y * ratio : place.y);
    }
    return { x: x * slack, y: y * slack };
  });
}

/** The highest and the lowest concurrency of each ladder before those between: they bound the rest. */
function endsFirst(candidates: readonly Candidate[]): Candidate[] {
  const ladders = [...Map.groupBy(candidates, ({ ladder }) => ladder).values()].map((rungs) => {
    const [lowest, ...rest] = rungs.toSorted((a, b) => a.conc - b.conc);
    const highest = rest.pop();
    return { ends: [highest, lowest].filter((end) => end !== undefined), rest };
  });
  return [...ladders.flatMap(({ ends }) => ends), ...ladders.flatMap(({ rest }) => rest)];
}

/** The curves of a plan, in the order of its points. */
export function curvesOf(plan: Plan): readonly Curve[] {
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

/** Which curve a point belongs to. */
export function curveKey({ entry, hardware }: Point): string {
  const { 'model-prefix': model, precision, framework, 'spec-decoding': spec, isl, osl } = entry;
  return [model, precision, hardware, framework, spec, isl, osl].join('_');
}

function ladderKey({ entry }: Point): string {
  if (!isMultiNode(entry)) return `tp${entry.tp} ep${entry.ep} dpa ${entry['dp-attn']}`;
  return JSON.stringify([entry.prefill, entry.decode]);
}
