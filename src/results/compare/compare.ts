import { defined } from '../../defined/defined.ts';
import { hypervolume } from '../../derived/hypervolume.ts';
import { meaningNote } from '../../derived/meaning.ts';
import { curveName, pointName, type Titles } from '../../identity/index.ts';
import { Random } from '../../load/random.ts';
import { twoSidedP, twoSidedT } from '../../load/student-t.ts';
import {
  type Across,
  type ComparedMeasurement,
  type ComparedMetric,
  comparedMetrics,
  curveKey,
  pointKey,
} from './compared-measurement.ts';
import { logarithm, NoiseModel, type Repeats } from './noise.ts';
import { adjustedPs, meanOf } from './statistics.ts';

export type Judgement = 'better' | 'worse' | 'same' | 'not comparable';

/** How one figure of a point, or the frontier of a curve, changed from A to B. */
export interface JudgedChange {
  readonly judgement: Judgement;
  /** Why it is not comparable, or caveats if it is. */
  readonly why?: string;
  readonly a?: number;
  readonly b?: number;
  /** Relative change from A to B: 0.02 is 2 % more. */
  readonly change?: number;
  /** The 95 % confidence interval of the change. */
  readonly interval?: readonly [low: number, high: number];
  /** The probability of a difference this large if nothing changed, and the same, adjusted for all comparisons made together. */
  readonly p?: number;
  readonly adjustedP?: number;
  /** The source of the noise estimate. */
  readonly noise?: string;
}

export interface MetricChange extends JudgedChange {
  readonly metric: string;
  readonly better: 'higher' | 'lower';
}

export interface PointChange {
  readonly point: string;
  readonly judgement: Judgement;
  readonly why?: string;
  readonly metrics: readonly MetricChange[];
}

export interface CurveChange {
  readonly curve: string;
  /** Readable title with the names of its model, engine and hardware. */
  readonly title: string;
  /** The change in the area under the Pareto frontier of throughput per GPU over interactivity, over the common points. */
  readonly frontier: JudgedChange;
  readonly points: readonly PointChange[];
}

export interface Comparison {
  readonly a: string;
  readonly b: string;
  readonly curves: readonly CurveChange[];
  /** Points by judgement; a point is worse if any of its figures is, otherwise better if any is. */
  readonly points: Readonly<Record<Judgement, number>>;
  /** The test, in words. */
  readonly method: readonly string[];
  /** Caveats that a reader must know. */
  readonly warnings: readonly string[];
}

export interface CompareOptions {
  readonly a: string;
  readonly b: string;
  /** Fields that may differ between the sides, such as `framework`. */
  readonly across?: Across;
  /** The share of false discoveries among those reported, on average; default 0.05. */
  readonly falseDiscoveryRate?: number;
  /** Changes smaller than this share count as no change, regardless of the test; default 0.01. */
  readonly leastChange?: number;
  /** Display names of models, engines and hardware; default: their keys. */
  readonly titles?: Titles;
}

/** Random draws of the frontier's area; enough to know the ends of the interval to a few per cent of its width. */
const draws = 400;
const within = 'its own 95 % interval, within one run';

/** Whether a difference was shown by repeats, and not only by each run's own interval, which is too narrow. */
export function isRepeated({ noise }: JudgedChange): boolean {
  return noise !== undefined && noise !== within;
}

/**
 * Compares two sets of measurements point by point and curve by curve. `repeats` are measurements of the same points in
 * the same environments, from which the noise is measured.
 */
export function compare(
  aPoints: readonly ComparedMeasurement[],
  bPoints: readonly ComparedMeasurement[],
  repeats: readonly Repeats[],
  options: CompareOptions,
): Comparison {
  const { across = [], falseDiscoveryRate: q = 0.05, leastChange = 0.01 } = options;
  const comparing = new Comparing(new NoiseModel(repeats), across);
  const pairs = pairsOf(aPoints, bPoints, across);
  const changes = pairs.map((pair) => comparing.metricsOf(pair));
  const judged = judge(changes.flat(), q, leastChange);
  let next = 0;
  const points = pairs.map((pair, index) => {
    const metrics = judged.slice(next, next + (changes[index]?.length ?? 0));
    next += metrics.length;
    return { pair, change: pointChange(pair, metrics, across) };
  });
  const groups = Map.groupBy(points, ({ pair }) => curveKey(pair.row, across));
  const frontiers = [...groups.values()].map((group) => comparing.frontierOf(group.map(({ pair }) => pair)));
  const judgedFrontiers = judge(frontiers, q, leastChange);
  const curves = [...groups.values()].map((group, index) => {
    const row = group[0]?.pair.row ?? missing();
    return {
      curve: curveName(row, across),
      title: curveName(row, across, options.titles),
      frontier: judgedFrontiers[index] ?? missing(),
      points: group.map(({ change }) => change),
    };
  });
  const counts: Record<Judgement, number> = { better: 0, worse: 0, same: 0, 'not comparable': 0 };
  for (const { change } of points) counts[change.judgement] += 1;
  return {
    a: options.a,
    b: options.b,
    curves,
    points: counts,
    method: methodOf(q, leastChange, judged.length),
    warnings: warningsOf(judged, pairs),
  };
}

/** The measurements of one point on either side. */
interface Pair {
  readonly row: ComparedMeasurement['row'];
  readonly a: readonly ComparedMeasurement[];
  readonly b: readonly ComparedMeasurement[];
}

function pairsOf(
  a: readonly ComparedMeasurement[],
  b: readonly ComparedMeasurement[],
  across: Across,
): Pair[] {
  const key = ({ row }: ComparedMeasurement) => pointKey(row, across);
  const [byA, byB] = [Map.groupBy(a, key), Map.groupBy(b, key)];
  const pairs = [...new Set([...byA.keys(), ...byB.keys()])].flatMap((name) => {
    const pair = { a: byA.get(name) ?? [], b: byB.get(name) ?? [] };
    const row = (pair.b[0] ?? pair.a[0])?.row;
    return row === undefined ? [] : [{ row, ...pair }];
  });
  return pairs.toSorted(
    (one, other) =>
      curveKey(one.row, across).localeCompare(curveKey(other.row, across)) ||
      (one.row.is_multinode ? 1 : 0) - (other.row.is_multinode ? 1 : 0) ||
      Number(one.row.tp ?? 0) - Number(other.row.tp ?? 0) ||
      pointName(one.row).length - pointName(other.row).length ||
      one.row.conc - other.row.conc,
  );
}

/** A change that has its p but no judgement yet. */
type Unjudged = Omit<MetricChange, 'judgement'>;

class Comparing {
  readonly #noise: NoiseModel;
  readonly #across: Across;

  constructor(noise: NoiseModel, across: Across) {
    this.#noise = noise;
    this.#across = across;
  }

  /** Every figure of a point; empty if the point cannot be compared. */
  metricsOf(pair: Pair): Unjudged[] {
    if (whyNot(pair, this.#across) !== undefined) return [];
    return comparedMetrics.flatMap((metric) => {
      const change = this.#changeOf(pair, metric);
      return change === undefined ? [] : [{ metric: metric.title, better: metric.better, ...change }];
    });
  }

  #changeOf(whole: Pair, metric: ComparedMetric): Omit<JudgedChange, 'judgement'> | undefined {
    const pair = having(whole, metric);
    const logs = (side: readonly ComparedMeasurement[]) =>
      side.flatMap(({ row }) => logarithm(row[metric.field]) ?? []);
    const [aLogs, bLogs] = [logs(pair.a), logs(pair.b)];
    if (aLogs.length === 0 && bLogs.length === 0) return undefined;
    if (aLogs.length === 0) return { why: 'unknown in A' };
    if (bLogs.length === 0) return { why: 'unknown in B' };
    const [aMean, bMean] = [meanOf(aLogs), meanOf(bLogs)];
    const figures = { a: Math.exp(aMean), b: Math.exp(bMean), change: Math.expm1(bMean - aMean) };
    const error = this.#errorOf(pair, metric);
    if (error === undefined) return { ...figures, why: 'its noise is unknown' };
    return {
      ...figures,
      ...tested(bMean - aMean, error.variance, error.degreesOfFreedom),
      noise: error.noise,
    };
  }

  /** The variance of the difference of the sides' mean logarithms. */
  #errorOf(
    { a, b }: Pair,
    metric: ComparedMetric,
  ): { readonly variance: number; readonly degreesOfFreedom: number; readonly noise: string } | undefined {
    const [firstA, firstB] = [a[0], b[0]];
    if (firstA === undefined || firstB === undefined) return undefined;
    const noise = this.#noise.of(firstB, metric) ?? this.#noise.of(firstA, metric);
    if (noise !== undefined) {
      const variance = noise.variance * (1 / a.length + 1 / b.length);
      return { variance, degreesOfFreedom: noise.degreesOfFreedom, noise: noise.basis };
    }
    const [ownA, ownB] = [withinVariance(firstA, metric), withinVariance(firstB, metric)];
    if (ownA === undefined || ownB === undefined) return undefined;
    const variance = ownA / a.length + ownB / b.length;
    return { variance, degreesOfFreedom: Number.POSITIVE_INFINITY, noise: within };
  }

  /** Compares the frontiers of the common points; the interval comes from resampling each point's figures. */
  frontierOf(pairs: readonly Pair[]): Unjudged {
    const names = { metric: 'frontier', better: 'higher' } as const;
    const common = pairs.filter((pair) => whyNot(pair, this.#across) === undefined);
    const places = common.flatMap((pair) => this.#placeOf(pair) ?? []);
    if (common.length === 0) return { ...names, why: 'no point is measured on both sides' };
    if (places.length === 0)
      return { ...names, why: 'no point has its throughput and its interactivity on both sides' };
    const leftOut = common.length - places.length;
    const withoutFigures =
      leftOut === 0
        ? {}
        : { why: `without ${leftOut} of ${common.length} points, which lack a figure on one side` };
    const a = area(places.map((place) => place.a));
    const b = area(places.map((place) => place.b));
    const change = { a, b, change: b / a - 1, ...withoutFigures };
    const noisy = places.flatMap(({ b: at, error }) => (error === undefined ? [] : [{ at, error }]));
    if (noisy.length < places.length) return { ...names, ...change, why: 'its noise is unknown' };
    const random = new Random(places.length);
    const logs = Array.from({ length: draws }, () => {
      const drawn = noisy.map(({ at, error }) => ({
        x: at.x * Math.exp(error.x * random.normal()),
        y: at.y * Math.exp(error.y * random.normal()),
      }));
      return Math.log(area(drawn) / b);
    });
    const mean = meanOf(logs);
    const variance = logs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (draws - 1);
    const degreesOfFreedom = Math.min(...noisy.map(({ error }) => error.degreesOfFreedom));
    const noises = noisy.map(({ error }) => error.noise);
    const noise = noises.includes(within) ? within : (noises[0] ?? '');
    return { ...names, ...change, ...tested(Math.log(b / a), variance, degreesOfFreedom), noise };
  }

  #placeOf(pair: Pair) {
    const [speed, throughput] = [metricOf('median_tpot'), metricOf('tput_per_gpu')];
    const mean = (side: readonly ComparedMeasurement[], { field }: ComparedMetric): number =>
      Math.exp(meanOf(side.flatMap(({ row }) => logarithm(row[field]) ?? [])));
    const place = (side: readonly ComparedMeasurement[]) => ({
      x: 1 / mean(side, speed),
      y: mean(side, throughput),
    });
    const [a, b] = [place(pair.a), place(pair.b)];
    if (![a.x, a.y, b.x, b.y].every(Number.isFinite)) return undefined;
    const [x, y] = [
      this.#errorOf(having(pair, speed), speed),
      this.#errorOf(having(pair, throughput), throughput) ?? this.#errorOf(having(pair, speed), speed),
    ];
    const error =
      x === undefined || y === undefined
        ? undefined
        : {
            x: Math.sqrt(x.variance),
            y: Math.sqrt(y.variance),
            noise: x.noise,
            degreesOfFreedom: Math.min(x.degreesOfFreedom, y.degreesOfFreedom),
          };
    return { a, b, error };
  }
}

/** The measurements of a pair that have a figure. */
function having({ row, a, b }: Pair, { field }: ComparedMetric): Pair {
  const of = (side: readonly ComparedMeasurement[]) =>
    side.filter((point) => logarithm(point.row[field]) !== undefined);
  return { row, a: of(a), b: of(b) };
}

function metricOf(field: string): ComparedMetric {
  return comparedMetrics.find((metric) => metric.field === field) ?? missing();
}

function area(points: readonly { readonly x: number; readonly y: number }[]): number {
  return hypervolume(points, { x: 0, y: 0 }, { x: 'higher', y: 'higher' });
}

/** The interval and p of a difference of logarithms. */
function tested(difference: number, variance: number, degreesOfFreedom: number) {
  const error = Math.sqrt(variance);
  const reach = twoSidedT(0.05, degreesOfFreedom) * error;
  // Figures without noise either differ or do not; a difference in the last digits does not count.
  const p =
    error > 1e-12 ? twoSidedP(difference / error, degreesOfFreedom) : Math.abs(difference) > 1e-9 ? 0 : 1;
  return { interval: [Math.expm1(difference - reach), Math.expm1(difference + reach)] as const, p };
}

/** The variance of a figure's logarithm, from the measurement's own 95 % interval. */
function withinVariance(
  { confidence95 }: ComparedMeasurement,
  { interval }: ComparedMetric,
): number | undefined {
  const found = interval === undefined ? undefined : confidence95[interval];
  if (found === undefined || !(found[0] > 0) || !(found[1] >= found[0])) return undefined;
  return ((Math.log(found[1]) - Math.log(found[0])) / (2 * 1.959_964)) ** 2;
}

function judge<Value extends Unjudged>(changes: readonly Value[], q: number, leastChange: number) {
  const tests = changes.filter(({ p }) => p !== undefined);
  const adjusted = new Map(adjustedPs(tests.map(({ p }) => p ?? 1)).map((p, index) => [tests[index], p]));
  return changes.map((change) => {
    const adjustedP = adjusted.get(change);
    if (adjustedP === undefined) return { ...change, judgement: 'not comparable' as const };
    const { change: share = 0, better } = change;
    const isShown = adjustedP <= q && Math.abs(share) >= leastChange;
    const isGain = better === 'higher' ? share > 0 : share < 0;
    const judgement: Judgement = isShown ? (isGain ? 'better' : 'worse') : 'same';
    return { ...change, adjustedP, judgement };
  });
}

function whyNot({ a, b }: Pair, across: Across): string | undefined {
  if (a.length === 0) return 'measured in B only';
  if (b.length === 0) return 'measured in A only';
  const differ = (values: (point: ComparedMeasurement) => string): string | undefined => {
    const [inA, inB] = [new Set(a.map(values)), new Set(b.map(values))];
    return [...inB].some((value) => !inA.has(value))
      ? `${[...inA].join()} in A, ${[...inB].join()} in B`
      : undefined;
  };
  const clients = differ(({ client }) => client);
  if (clients !== undefined) return `measured by other tools: ${clients}`;
  const models = across.includes('model') ? undefined : differ(({ row }) => row.model);
  if (models !== undefined) return `other models were served: ${models}`;
  return undefined;
}

function pointChange(pair: Pair, metrics: readonly MetricChange[], across: Across): PointChange {
  const point = pointName(pair.row);
  const why = whyNot(pair, across) ?? whyWithCare(pair);
  const judgements = metrics.map(({ judgement }) => judgement);
  const judgement =
    (['worse', 'better', 'same'] as const).find((one) => judgements.includes(one)) ?? 'not comparable';
  const reason = why ?? (judgement === 'not comparable' ? metrics[0]?.why : undefined);
  return { point, judgement, metrics, ...defined({ why: reason }) };
}

/** Caveats of a compared point. */
function whyWithCare(pair: Pair): string | undefined {
  const both = [...pair.a, ...pair.b];
  const reasons = both.flatMap((point) => (point.verdict === 'suspect' ? point.reasons : []));
  const care = [
    ...(noteOfMeaning(pair) === undefined ? [] : ['a change of meaning lies between the measurements']),
    ...(reasons.length === 0 ? [] : [`suspect: ${[...new Set(reasons)].join('; ')}`]),
  ];
  return care.length === 0 ? undefined : care.join('; ');
}

function noteOfMeaning({ a, b }: Pair): string | undefined {
  return a.length === 0 || b.length === 0
    ? undefined
    : meaningNote([...a, ...b].map(({ productVersion }) => productVersion));
}

function methodOf(q: number, leastChange: number, tests: number): string[] {
  return [
    'Each figure of each point: the difference of the mean logarithms of B and A, by Student’s t-test with the variance that repeats of the same point in the same environment have (pooled over its curve, then its hardware and engine, where they are too few).',
    `All ${tests} tests together: Benjamini–Hochberg, so that at most ${percent(q)} of the differences reported are expected to be noise, and the chance of any report when nothing changed is at most ${percent(q)}.`,
    `A change below ${percent(leastChange)} is the same whatever the test says. “Same” means that no difference was shown, not that there is none: the 95 % interval says how large it could be.`,
    'Each curve: the area under its Pareto frontier of throughput per GPU over interactivity, of the points that both sides have; its error by drawing every point again with its noise.',
  ];
}

function warningsOf(changes: readonly JudgedChange[], pairs: readonly Pair[]): string[] {
  const warnings: string[] = [];
  const noises = new Set(changes.map(({ noise }) => noise));
  if (noises.has(within))
    warnings.push(
      'Some points, and all that are comparable to them, were measured only once, so the noise from run to run is not known there: the test uses only each run’s own interval, which is too narrow. Measure again before you trust such a difference; a gate (`--fail-on regression`) does not fail because of it.',
    );
  if (changes.some(({ a, why, p }) => p === undefined && a !== undefined && why !== undefined))
    warnings.push('Some figures have neither repeats nor intervals: they are shown, not judged.');
  warnings.push(...new Set(pairs.flatMap((pair) => noteOfMeaning(pair) ?? [])));
  const oneSided = pairs.filter(({ a, b }) => a.length === 0 || b.length === 0).length;
  if (oneSided > 0) warnings.push(`${oneSided} of ${pairs.length} points are measured on one side only.`);
  return warnings;
}

export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}

function missing(): never {
  throw new Error('a comparison lost one of its parts');
}
