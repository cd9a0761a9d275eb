import {
  type AnswerCandidate,
  payableThroughput,
  type SpeedStatistic,
  speedOf,
  tputMetrics,
} from './candidate.ts';
import type { FiguresAsked, HardwareReadings, PointReading } from './readings.ts';
import type { TokenKind } from './throughput.ts';

/** What a reader asks of every hardware. */
export interface Need extends FiguresAsked {
  /** Minimum tokens per second per user. */
  readonly speed: number;
  /** The longest time to the first token, ms; null for no limit. */
  readonly ttftMs: number | null;
}

/** Half of the users, and a first token within five seconds: what is asked where nobody says. */
export const defaultTtftMs = 5000;
export const defaultNeed = {
  speedStatistic: 'median',
  ttftMs: defaultTtftMs,
  ttftStatistic: 'median',
  tokens: 'total',
} as const satisfies Partial<Need>;

/** Where an answer stands: at a measured point, or between two neighbouring concurrencies of one server. */
export type Standing<Point> =
  | { readonly kind: 'measured'; readonly point: Point }
  | {
      readonly kind: 'between';
      /** The lower concurrency first. */
      readonly points: readonly [Point, Point];
      /** How far from the first to the second, above 0 and below 1: every figure is on the straight line. */
      readonly share: number;
    };

/** The best that one server of a hardware gives within the need. */
export interface BestAnswer<Point> {
  readonly hw: string;
  readonly at: Standing<Point>;
  /** Tokens per second over every GPU. */
  readonly tputPerGpu: number;
  /** What that can be, by the measured neighbours and their 95 % intervals; null of one point without an interval. */
  readonly range: readonly [low: number, high: number] | null;
  readonly speed: number;
  /** The percentile that the speed is of: a stricter one than asked where that is not known. */
  readonly speedStatistic: SpeedStatistic;
  /** null where it is not known and no limit was asked for. */
  readonly ttftMs: number | null;
}

/** Why a hardware has no answer. */
export type Absence =
  /** No point has this percentile of the speed, nor a stricter one. */
  | { readonly reason: 'no-speed'; readonly statistic: SpeedStatistic }
  | { readonly reason: 'no-throughput'; readonly tokens: TokenKind }
  | { readonly reason: 'too-slow'; readonly fastest: number }
  /** Fast enough, but the first token takes too long. */
  | { readonly reason: 'late-first-token'; readonly soonestMs: number }
  | { readonly reason: 'no-first-token'; readonly statistic: SpeedStatistic };

export interface BestAnswers<Point> {
  /** One for each hardware that has one, the most tokens per GPU first. */
  readonly best: readonly BestAnswer<Point>[];
  readonly absent: readonly ({ readonly hw: string } & Absence)[];
  /** The best of each hardware if any time to the first token were good enough, where that is another one. */
  readonly beyondTtft: ReadonlyMap<string, BestAnswer<Point>>;
  /** Points of which the speed or the throughput is not known: no answer rests on them. */
  readonly withoutFigures: number;
}

/**
 * The best of every hardware within a need. An answer is one server: a measured point, or a place between two
 * neighbouring concurrencies of the same server, with every figure on the straight line between them. What a need
 * allows shrinks as it asks for more, so that asking for more never makes an answer better.
 */
export function answersTo<Point extends AnswerCandidate>(
  hardware: readonly HardwareReadings<Point>[],
  need: Need,
): BestAnswers<Point> {
  const best: BestAnswer<Point>[] = [];
  const absent: ({ readonly hw: string } & Absence)[] = [];
  const beyondTtft = new Map<string, BestAnswer<Point>>();
  let withoutFigures = 0;
  for (const { hw, members, readings } of hardware) {
    withoutFigures += members.length - readings.length;
    const answer = bestOf(hw, readings, need);
    const unlimited = need.ttftMs === null ? null : bestOf(hw, readings, { ...need, ttftMs: null });
    if (unlimited !== null && unlimited.tputPerGpu > (answer?.tputPerGpu ?? 0)) beyondTtft.set(hw, unlimited);
    if (answer === null) absent.push({ hw, ...absenceOf(members, readings, need) });
    else best.push(answer);
  }
  return { best: best.toSorted((a, b) => b.tputPerGpu - a.tputPerGpu), absent, beyondTtft, withoutFigures };
}

/** The best of the readings and of the lines from each to the next; of equal ones the first. */
export function bestOf<Point extends AnswerCandidate>(
  hw: string,
  readings: readonly PointReading<Point>[],
  need: Need,
): BestAnswer<Point> | null {
  let best: BestAnswer<Point> | null = null;
  for (const reading of readings) {
    const { next } = reading;
    const least = best?.tputPerGpu ?? Number.NEGATIVE_INFINITY;
    // Most places are slower, or give less than what is known: these are passed over without a closer look.
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
  { point, speed, of, tput, ttftMs }: PointReading<Point>,
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
  };
}

/** Whether a time to the first token keeps to a limit; one that is not known keeps to none. */
export function isSoonEnough(ttftMs: number | null, limitMs: number | null): boolean {
  return limitMs === null || (ttftMs !== null && ttftMs <= limitMs);
}

/** The best place on the line between two points that neither of them already is; null where it gives no more than `least`. */
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
  // Along a line the throughput is highest at an end.
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
    ttftMs: a.ttftMs === null || b.ttftMs === null ? null : along(a.ttftMs, b.ttftMs, share),
  };
}

/** The part of a line from one value to another that is at a level or above it; null where none is. */
function above(from: number, to: number, level: number): readonly [number, number] | null {
  if (from >= level && to >= level) return [0, 1];
  if (from < level && to < level) return null;
  const at = (level - from) / (to - from);
  return from >= level ? [0, at] : [at, 1];
}

/** Weighted rather than `from + share × difference`, which rounding can carry past the end. */
function along(from: number, to: number, share: number): number {
  return (1 - share) * from + share * to;
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
  const { speedStatistic, ttftStatistic, tokens } = need;
  if (members.every((point) => speedOf(point, speedStatistic) === null))
    return { reason: 'no-speed', statistic: speedStatistic };
  if (readings.length === 0) return { reason: 'no-throughput', tokens };
  const fastEnough = readings.filter(({ speed }) => speed >= need.speed);
  if (fastEnough.length === 0)
    return { reason: 'too-slow', fastest: Math.max(...readings.map(({ speed }) => speed)) };
  const known = fastEnough.flatMap(({ ttftMs }) => ttftMs ?? []);
  if (known.length === 0) return { reason: 'no-first-token', statistic: ttftStatistic };
  return { reason: 'late-first-token', soonestMs: Math.min(...known) };
}

/** The measured points that an answer rests on. */
export function pointsOf<Point>({ at }: Pick<BestAnswer<Point>, 'at'>): readonly Point[] {
  return at.kind === 'measured' ? [at.point] : at.points;
}
