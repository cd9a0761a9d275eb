import {
  type AnswerCandidate,
  firstTokenOf,
  payableThroughput,
  type SpeedStatistic,
  speedOf,
  tputMetrics,
} from './candidate.ts';
import type { TokenKind } from './throughput.ts';

/** Which figures of a point a need is about. */
export interface FiguresAsked {
  /** For how many of the users the speed is. */
  readonly speedStatistic: SpeedStatistic;
  readonly ttftStatistic: SpeedStatistic;
  /** Which tokens are counted and paid for. */
  readonly tokens: TokenKind;
}

/** The figures of a point that a need is about. */
export interface NeedFigures {
  readonly speed: number;
  /** The statistic that the speed is of. */
  readonly of: SpeedStatistic;
  /** Tokens per second over every GPU. */
  readonly tput: number;
  readonly ttftMs: number | null;
}

/** A point with its figures. */
export interface PointReading<Point> extends NeedFigures {
  readonly point: Point;
  /** The next higher concurrency of the server; null where that lacks a figure, so that no line is drawn over it. */
  readonly next: PointReading<Point> | null;
}

/** What answers of one hardware are made of, whatever the limits. */
export interface HardwareReadings<Point> {
  readonly hw: string;
  readonly members: readonly Point[];
  /** The server with the highest throughput first; of each server by rising concurrency. */
  readonly readings: readonly PointReading<Point>[];
}

/** Depends on neither the speed nor the limit that is asked for, so that it is made once for all of them. */
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

/** null where the point has no such speed or throughput. */
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
