import {
  type AnswerCandidate,
  firstTokenOf,
  payableThroughput,
  type SpeedStatistic,
  speedOf,
} from './candidate.ts';
import type { TokenKind } from './throughput.ts';

/** What a reader asks of every hardware. */
export interface Need {
  /** Tokens per second that a user gets at least. */
  readonly speed: number;
  /** For how many of the users. */
  readonly speedStatistic: SpeedStatistic;
  /** The longest time to the first token, ms; null for no limit. */
  readonly ttftMs: number | null;
  readonly ttftStatistic: SpeedStatistic;
  /** Which tokens are counted and paid for. */
  readonly tokens: TokenKind;
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
  points: readonly Point[],
  need: Need,
): BestAnswers<Point> {
  const best: BestAnswer<Point>[] = [];
  const absent: ({ readonly hw: string } & Absence)[] = [];
  const beyondTtft = new Map<string, BestAnswer<Point>>();
  let withoutFigures = 0;
  for (const [hw, members] of Map.groupBy(points, (point) => point.hw)) {
    const servers = serversOf(members, need);
    const read = servers.flatMap(({ readings }) => readings.filter((reading) => reading !== null));
    withoutFigures += members.length - read.length;
    const answer = bestOf(hw, servers, need);
    const unlimited = need.ttftMs === null ? null : bestOf(hw, servers, { ...need, ttftMs: null });
    if (unlimited !== null && unlimited.tputPerGpu > (answer?.tputPerGpu ?? 0)) beyondTtft.set(hw, unlimited);
    if (answer === null) absent.push({ hw, ...absenceOf(members, read, need) });
    else best.push(answer);
  }
  return { best: best.toSorted((a, b) => b.tputPerGpu - a.tputPerGpu), absent, beyondTtft, withoutFigures };
}

/** A point with the figures that a need is about. */
interface Reading<Point> {
  readonly point: Point;
  readonly speed: number;
  readonly of: SpeedStatistic;
  readonly tput: number;
  readonly ttftMs: number | null;
}

/** A server's points, with the figures that a need is about. */
export interface ServerReadings<Point> {
  /** By rising concurrency; null where a point lacks a figure, so that no line is drawn over it. */
  readonly readings: readonly (Reading<Point> | null)[];
  /** The highest throughput of any of them. */
  readonly most: number;
}

/** The servers of one hardware, that with the highest throughput first. */
export function serversOf<Point extends AnswerCandidate>(
  members: readonly Point[],
  need: Omit<Need, 'speed'>,
): ServerReadings<Point>[] {
  return [...Map.groupBy(members, ({ server }) => server).values()]
    .map((points) => {
      const readings = points.toSorted((a, b) => a.conc - b.conc).map((point) => readingOf(point, need));
      return {
        readings,
        most: Math.max(...readings.map((reading) => reading?.tput ?? Number.NEGATIVE_INFINITY)),
      };
    })
    .toSorted((a, b) => b.most - a.most);
}

function readingOf<Point extends AnswerCandidate>(
  point: Point,
  need: Omit<Need, 'speed'>,
): Reading<Point> | null {
  const speed = speedOf(point, need.speedStatistic);
  const tput = point.metric(`${need.tokens}TputPerGpu`);
  if (speed === null || tput === null) return null;
  return {
    point,
    speed: speed.value,
    of: speed.of,
    tput: payableThroughput(point, need.tokens, tput),
    ttftMs: firstTokenOf(point, need.ttftStatistic)?.value ?? null,
  };
}

export function bestOf<Point extends AnswerCandidate>(
  hw: string,
  servers: readonly ServerReadings<Point>[],
  need: Need,
): BestAnswer<Point> | null {
  let best: BestAnswer<Point> | null = null;
  for (const { readings, most } of servers) {
    // No server after this one can give more.
    if (best !== null && most <= best.tputPerGpu) break;
    for (let index = 0; index < readings.length; index++) {
      const reading = readings[index] ?? null;
      if (reading === null) continue;
      const next = readings[index + 1] ?? null;
      const least = best?.tputPerGpu ?? Number.NEGATIVE_INFINITY;
      // Most places are slower, or give less than what is known: these are passed over without a closer look.
      const isFast = reading.speed >= need.speed;
      if (isFast && reading.tput > least) best = atPoint(hw, reading, need) ?? best;
      if (next === null || !(isFast || next.speed >= need.speed)) continue;
      if (Math.max(reading.tput, next.tput) <= (best?.tputPerGpu ?? least)) continue;
      const answer = between(hw, reading, next, need);
      if (answer !== null && answer.tputPerGpu > (best?.tputPerGpu ?? least)) best = answer;
    }
  }
  return best;
}

function atPoint<Point extends AnswerCandidate>(
  hw: string,
  { point, speed, of, tput, ttftMs }: Reading<Point>,
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

function isSoonEnough(ttftMs: number | null, limitMs: number | null): boolean {
  return limitMs === null || (ttftMs !== null && ttftMs <= limitMs);
}

/** The best place on the line between two points that neither of them already is. */
function between<Point extends AnswerCandidate>(
  hw: string,
  a: Reading<Point>,
  b: Reading<Point>,
  need: Need,
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
  const bounds = [a, b].flatMap(({ point, tput }) => [tput, ...(tputInterval(point, need.tokens) ?? [])]);
  return {
    hw,
    at: { kind: 'between', points: [a.point, b.point], share },
    tputPerGpu: along(a.tput, b.tput, share),
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
  const interval = point.interval(`${tokens}TputPerGpu`);
  if (interval === null) return null;
  return [payableThroughput(point, tokens, interval[0]), payableThroughput(point, tokens, interval[1])];
}

function absenceOf<Point extends AnswerCandidate>(
  members: readonly Point[],
  read: readonly Reading<Point>[],
  need: Need,
): Absence {
  const { speedStatistic, ttftStatistic, tokens } = need;
  if (members.every((point) => speedOf(point, speedStatistic) === null))
    return { reason: 'no-speed', statistic: speedStatistic };
  if (read.length === 0) return { reason: 'no-throughput', tokens };
  const fastEnough = read.filter(({ speed }) => speed >= need.speed);
  if (fastEnough.length === 0)
    return { reason: 'too-slow', fastest: Math.max(...read.map(({ speed }) => speed)) };
  const known = fastEnough.flatMap(({ ttftMs }) => ttftMs ?? []);
  if (known.length === 0) return { reason: 'no-first-token', statistic: ttftStatistic };
  return { reason: 'late-first-token', soonestMs: Math.min(...known) };
}

/** The measured points that an answer rests on. */
export function pointsOf<Point>({ at }: Pick<BestAnswer<Point>, 'at'>): readonly Point[] {
  return at.kind === 'measured' ? [at.point] : at.points;
}
