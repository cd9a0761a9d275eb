import { type ArrivalPolicy, allowsArrival } from './arrival.ts';
import {
  type AnswerCandidate,
  firstTokenOf,
  payableThroughput,
  type SpeedStatistic,
  speedOf,
  tputMetrics,
} from './candidate.ts';
import type { TokenKind } from './throughput.ts';

/** The kinds of figures that a need refers to. */
export interface FiguresAsked {
  /** The fraction of users who get at least the speed. */
  readonly speedStatistic: SpeedStatistic;
  readonly ttftStatistic: SpeedStatistic;
  /** The tokens that are counted and paid for. */
  readonly tokens: TokenKind;
  /** Whether tokens may arrive in bursts, or unknown how. */
  readonly arrival: ArrivalPolicy;
}

/** The figures of one point that a need refers to. */
export interface NeedFigures {
  readonly speed: number;
  /** The percentile of the speed. */
  readonly of: SpeedStatistic;
  /** Tokens per second per GPU, counting all GPUs of the point. */
  readonly tput: number;
  readonly ttftMs: number | null;
  readonly p99TtftMs: number | null;
}

/**
 * Two concurrencies farther apart than this ratio are not interpolated: between them, throughput and latency do not
 * change along a line.
 */
export const widestGap = 4;

/** A point with its figures. */
export interface PointReading<Point> extends NeedFigures {
  readonly point: Point;
  /**
   * The next higher concurrency of the server; null if nothing may be interpolated up to it: it lacks a figure, is not
   * allowed, or is too far away.
   */
  readonly next: PointReading<Point> | null;
}

/** The readings of one hardware type from which answers are made, for any limits. */
export interface HardwareReadings<Point> {
  readonly hw: string;
  readonly members: readonly Point[];
  /** Number of members whose speed or throughput is unknown. */
  readonly withoutFigures: number;
  /** Servers by highest throughput, and each server's points by rising concurrency. */
  readonly readings: readonly PointReading<Point>[];
}

/**
 * Makes the readings of every hardware type. They do not depend on the requested speed or TTFT limit, so make them
 * once for many needs.
 */
export function readingsOf<Point extends AnswerCandidate>(
  points: readonly Point[],
  asked: FiguresAsked,
): HardwareReadings<Point>[] {
  return [...Map.groupBy(points, ({ hw }) => hw)].map(([hw, members]) => {
    const servers = [...Map.groupBy(members, ({ server }) => server).values()].map((ofServer) =>
      serverReadings(ofServer, asked),
    );
    return {
      hw,
      members,
      withoutFigures: servers.reduce((sum, one) => sum + one.withoutFigures, 0),
      readings: servers.toSorted((a, b) => b.most - a.most).flatMap(({ readings }) => readings),
    };
  });
}

function serverReadings<Point extends AnswerCandidate>(points: readonly Point[], asked: FiguresAsked) {
  const readings: PointReading<Point>[] = [];
  let next: PointReading<Point> | null = null;
  let most = Number.NEGATIVE_INFINITY;
  let withoutFigures = 0;
  for (const point of points.toSorted((a, b) => a.conc - b.conc).reverse()) {
    const figures = figuresOf(point, asked);
    if (figures === null) withoutFigures++;
    if (figures === null || !allowsArrival(asked.arrival, point)) {
      next = null;
      continue;
    }
    const isNear: boolean = next !== null && next.point.conc <= widestGap * point.conc;
    next = { point, ...figures, next: isNear ? next : null };
    readings.push(next);
    most = Math.max(most, next.tput);
  }
  return { readings: readings.reverse(), most, withoutFigures };
}

/** Null if the point has no such speed or throughput. */
export function figuresOf(
  point: AnswerCandidate,
  { speedStatistic, ttftStatistic, tokens }: Omit<FiguresAsked, 'arrival'>,
): NeedFigures | null {
  const speed = speedOf(point, speedStatistic);
  const tput = point.metric(tputMetrics[tokens]);
  if (speed === null || tput === null) return null;
  return {
    speed: speed.value,
    of: speed.of,
    tput: payableThroughput(point, tokens, tput),
    ttftMs: firstTokenOf(point, ttftStatistic)?.value ?? null,
    p99TtftMs: point.metric('p99TtftMs'),
  };
}
