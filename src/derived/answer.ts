import { arrivalOf } from './arrival.ts';
import {
  type AnswerCandidate,
  payableThroughput,
  type SpeedStatistic,
  speedOf,
  tputMetrics,
} from './candidate.ts';
import { type FiguresAsked, figuresOf, type HardwareReadings, type PointReading } from './readings.ts';
import type { TokenKind } from './throughput.ts';

/** The requirements that every hardware type is compared by. */
export interface Need extends FiguresAsked {
  /** Minimum speed, tokens per second per user. */
  readonly speed: number;
  /** Maximum time to first token in ms; null for no limit. */
  readonly ttftMs: number | null;
}

/** The default limit on TTFT: 5 s. */
export const defaultTtftMs = 5000;
export const defaultNeed = {
  speedStatistic: 'median',
  ttftMs: defaultTtftMs,
  ttftStatistic: 'median',
  tokens: 'total',
  arrival: 'any',
} as const satisfies Partial<Need>;

/**
 * The position of an answer: at a measured point, or between two neighbouring concurrencies of one server.
 */
export type Standing<Point> =
  | { readonly kind: 'measured'; readonly point: Point }
  | {
      readonly kind: 'between';
      /** Lower concurrency first. */
      readonly points: readonly [Point, Point];
      /** Position between the two points, above 0 and below 1; every figure is interpolated linearly. */
      readonly share: number;
    };

/** The best result that a single server of a hardware type gives within the need. */
export interface BestAnswer<Point> {
  readonly hw: string;
  readonly at: Standing<Point>;
  /** Tokens per second per GPU, counting all GPUs of the point. */
  readonly tputPerGpu: number;
  /**
   * The range of the throughput from the 95 % intervals of the measured points; null for a single point
   * without an interval.
   */
  readonly range: readonly [low: number, high: number] | null;
  readonly speed: number;
  /** The percentile of the speed; stricter than requested if the requested one is unknown. */
  readonly speedStatistic: SpeedStatistic;
  /** Null if unknown, which only occurs if no limit was requested. */
  readonly ttftMs: number | null;
  /** The TTFT that one request in a hundred exceeds, whatever percentile is limited; null if unknown. */
  readonly p99TtftMs: number | null;
}

/** Why a hardware type has no answer. */
export type Absence =
  /** No point has this percentile of the speed or a stricter one. */
  | { readonly reason: 'no-speed'; readonly statistic: SpeedStatistic }
  | { readonly reason: 'no-throughput'; readonly tokens: TokenKind }
  /** No point is known to deliver as requested; `known` says whether the arrival of any is known. */
  | { readonly reason: 'arrival'; readonly known: boolean }
  | { readonly reason: 'too-slow'; readonly fastest: number }
  /** Fast enough, but the TTFT is above the limit. */
  | { readonly reason: 'late-first-token'; readonly soonestMs: number }
  | { readonly reason: 'no-first-token'; readonly statistic: SpeedStatistic };

export interface BestAnswers<Point> {
  /** One answer per hardware type that has one, highest throughput per GPU first. */
  readonly best: readonly BestAnswer<Point>[];
  readonly absent: readonly ({ readonly hw: string } & Absence)[];
  /** The best answer of each hardware type without the TTFT limit, if it differs. */
  readonly beyondTtft: ReadonlyMap<string, BestAnswer<Point>>;
  /** Number of points left out because their speed or throughput is unknown. */
  readonly withoutFigures: number;
}

/**
 * Finds the best answer of every hardware type for a need. An answer is one server: a measured point, or a
 * position between two neighbouring concurrencies of the same server, with every figure interpolated
 * linearly. A stricter need allows a subset of the answers, so it never improves an answer.
 */
export function answersTo<Point extends AnswerCandidate>(
  hardware: readonly HardwareReadings<Point>[],
  need: Need,
): BestAnswers<Point> {
  const best: BestAnswer<Point>[] = [];
  const absent: ({ readonly hw: string } & Absence)[] = [];
  const beyondTtft = new Map<string, BestAnswer<Point>>();
  let withoutFigures = 0;
  for (const { hw, members, readings, withoutFigures: lacking } of hardware) {
    withoutFigures += lacking;
    const answer = bestOf(hw, readings, need);
    const unlimited = need.ttftMs === null ? null : bestOf(hw, readings, { ...need, ttftMs: null });
    if (unlimited !== null && unlimited.tputPerGpu > (answer?.tputPerGpu ?? 0)) beyondTtft.set(hw, unlimited);
    if (answer === null) absent.push({ hw, ...absenceOf(members, readings, need) });
    else best.push(answer);
  }
  return { best: best.toSorted((a, b) => b.tputPerGpu - a.tputPerGpu), absent, beyondTtft, withoutFigures };
}

/** The best of the readings and of the lines between neighbours; the first one if several are equal. */
export function bestOf<Point extends AnswerCandidate>(
  hw: string,
  readings: readonly PointReading<Point>[],
  need: Need,
): BestAnswer<Point> | null {
  let best: BestAnswer<Point> | null = null;
  for (const reading of readings) {
    const { next } = reading;
    const least = best?.tputPerGpu ?? Number.NEGATIVE_INFINITY;
    // Most candidates are too slow or worse than the best so far: skip them early.
    const isFast = reading.speed >= need.speed;
    if (isFast && reading.tput > least) best = atPoint(hw, reading, need) ?? best;
    if (next === null || !(isFast || next.speed >= need.speed)) continue;
    if (Math.max(reading.tput, next.tput) <= (best?.tputPerGpu ?? least)) continue;
    best = between(hw, reading, next, need, best?.tputPerGpu ?? least) ?? best;
  }
  return best;
}

function atPoint<Point extends AnswerCandidate>(
  hw: string,
  { point, speed, of, tput, ttftMs, p99TtftMs }: PointReading<Point>,
  need: Need,
): BestAnswer<Point> | null {
  if (speed < need.speed || !isSoonEnough(ttftMs, need.ttftMs)) return null;
  const interval = tputInterval(point, need.tokens);
  return {
    hw,
    at: { kind: 'measured', point },
    tputPerGpu: tput,
    range: interval,
    speed,
    speedStatistic: of,
    ttftMs,
    p99TtftMs,
  };
}

/** Whether a TTFT is within the limit; an unknown TTFT is within no limit. */
export function isSoonEnough(ttftMs: number | null, limitMs: number | null): boolean {
  return limitMs === null || (ttftMs !== null && ttftMs <= limitMs);
}

/** The best position strictly between two points; null if its throughput is not above `least`. */
function between<Point extends AnswerCandidate>(
  hw: string,
  a: PointReading<Point>,
  b: PointReading<Point>,
  need: Need,
  least: number,
): BestAnswer<Point> | null {
  const fast = above(a.speed, b.speed, need.speed);
  const soon =
    need.ttftMs === null
      ? ([0, 1] as const)
      : a.ttftMs === null || b.ttftMs === null
        ? null
        : above(-a.ttftMs, -b.ttftMs, -need.ttftMs);
  if (fast === null || soon === null) return null;
  const [from, to] = [Math.max(fast[0], soon[0]), Math.min(fast[1], soon[1])];
  if (from > to) return null;
  // Throughput changes linearly, so it is highest at an end.
  const share = b.tput > a.tput ? to : from;
  if (share <= 0 || share >= 1) return null;
  const tputPerGpu = along(a.tput, b.tput, share);
  if (!(tputPerGpu > least)) return null;
  const bounds = [a, b].flatMap(({ point, tput }) => [tput, ...(tputInterval(point, need.tokens) ?? [])]);
  return {
    hw,
    at: { kind: 'between', points: [a.point, b.point], share },
    tputPerGpu,
    range: [Math.min(...bounds), Math.max(...bounds)],
    speed: along(a.speed, b.speed, share),
    speedStatistic: a.of === need.speedStatistic ? b.of : a.of,
    ttftMs: knownAlong(a.ttftMs, b.ttftMs, share),
    p99TtftMs: knownAlong(a.p99TtftMs, b.p99TtftMs, share),
  };
}

/** The part of a line between two values that is at or above a level; null if there is none. */
function above(from: number, to: number, level: number): readonly [number, number] | null {
  if (from >= level && to >= level) return [0, 1];
  if (from < level && to < level) return null;
  const at = (level - from) / (to - from);
  return from >= level ? [0, at] : [at, 1];
}

/** Weighted instead of `from + share × difference`, which rounding can push past the end. */
function along(from: number, to: number, share: number): number {
  return (1 - share) * from + share * to;
}

function knownAlong(from: number | null, to: number | null, share: number): number | null {
  return from === null || to === null ? null : along(from, to, share);
}

function tputInterval(point: AnswerCandidate, tokens: TokenKind): readonly [number, number] | null {
  const interval = point.interval(tputMetrics[tokens]);
  if (interval === null) return null;
  return [payableThroughput(point, tokens, interval[0]), payableThroughput(point, tokens, interval[1])];
}

function absenceOf<Point extends AnswerCandidate>(
  members: readonly Point[],
  readings: readonly PointReading<Point>[],
  need: Need,
): Absence {
  const { speedStatistic, ttftStatistic, tokens, arrival } = need;
  if (members.every((point) => speedOf(point, speedStatistic) === null))
    return { reason: 'no-speed', statistic: speedStatistic };
  if (readings.length === 0) {
    const delivering = members.filter((point) => figuresOf(point, need) !== null);
    return arrival === 'any' || delivering.length === 0
      ? { reason: 'no-throughput', tokens }
      : { reason: 'arrival', known: delivering.some((point) => arrivalOf(point).state !== 'unknown') };
  }
  const fastEnough = readings.filter(({ speed }) => speed >= need.speed);
  if (fastEnough.length === 0)
    return { reason: 'too-slow', fastest: Math.max(...readings.map(({ speed }) => speed)) };
  const known = fastEnough.flatMap(({ ttftMs }) => ttftMs ?? []);
  if (known.length === 0) return { reason: 'no-first-token', statistic: ttftStatistic };
  return { reason: 'late-first-token', soonestMs: Math.min(...known) };
}

/** The measured points on which an answer is based. */
export function pointsOf<Point>({ at }: Pick<BestAnswer<Point>, 'at'>): readonly Point[] {
  return at.kind === 'measured' ? [at.point] : at.points;
}
