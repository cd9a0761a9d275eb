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
}

/** The figures of one point that a need refers to. */
export interface NeedFigures {
  readonly speed: number;
  /** The percentile of the speed. */
  readonly of: SpeedStatistic;
  /** Tokens per second per GPU, counting all GPUs of the point. */
  readonly tput: number;
  readonly ttftMs: number | null;
}

/** A point with its figures. */
export interface PointReading<Point> extends NeedFigures {
  readonly point: Point;
  /**
   * The next higher concurrency of the server; null if that lacks a figure, so that it is not interpolated
   * over.
   */
  readonly next: PointReading<Point> | null;
}

/** The readings of one hardware from which answers are made, for any limits. */
export interface HardwareReadings<Point> {
  readonly hw: string;
  readonly members: readonly Point[];
  /** Servers by highest throughput, and each server's points by rising concurrency. */
  readonly readings: readonly PointReading<Point>[];
}

/**
 * Makes the readings of every hardware. They do not depend on the requested speed or TTFT limit, so make them
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
      readings: servers.toSorted((a, b) => b.most - a.most).flatMap(({ readings }) => readings),
    };
  });
}

function serverReadings<Point extends AnswerCandidate>(points: readonly Point[], asked: FiguresAsked) {
  const readings: PointReading<Point>[] = [];
  let next: PointReading<Point> | null = null;
  let most = Number.NEGATIVE_INFINITY;
  for (const point of points.toSorted((a, b) => a.conc - b.conc).reverse()) {
    next = readingOf(point, asked, next);
    if (next === null) continue;
    readings.push(next);
    most = Math.max(most, next.tput);
  }
  return { readings: readings.reverse(), most };
}

function readingOf<Point extends AnswerCandidate>(
  point: Point,
  asked: FiguresAsked,
  next: PointReading<Point> | null,
): PointReading<Point> | null {
  const figures = figuresOf(point, asked);
  return figures === null ? null : { point, ...figures, next };
}

/** Null if the point has no such speed or throughput. */
export function figuresOf(
  point: AnswerCandidate,
  { speedStatistic, ttftStatistic, tokens }: FiguresAsked,
): NeedFigures | null {
  const speed = speedOf(point, speedStatistic);
  const tput = point.metric(tputMetrics[tokens]);
  if (speed === null || tput === null) return null;
  return {
    speed: speed.value,
    of: speed.of,
    tput: payableThroughput(point, tokens, tput),
    ttftMs: firstTokenOf(point, ttftStatistic)?.value ?? null,
  };
}
