import { isSoonEnough, type Need } from './answer.ts';
import { allowsArrival } from './arrival.ts';
import type { AnswerCandidate, SpeedStatistic } from './candidate.ts';
import { figuresOf } from './readings.ts';

/** The rank of one point among the points of its hardware. */
export interface PointPlace<Point> {
  readonly speed: number;
  /** The percentile of the speed; stricter than requested if the requested one is unknown. */
  readonly speedStatistic: SpeedStatistic;
  /** Tokens per second per GPU, counting all GPUs of the point. */
  readonly tputPerGpu: number;
  readonly ttftMs: number | null;
  /** Whether its TTFT is within the limit. */
  readonly isSoonEnough: boolean;
  /** Number of points of the hardware within the TTFT limit that have both figures, including this one. */
  readonly of: number;
  /**
   * The points among them that are at least as good in speed and throughput and better in one, highest
   * throughput first.
   */
  readonly ahead: readonly Point[];
}

/**
 * Finds the rank of a point among those of its hardware; null if it has no such speed or throughput. Points
 * with its own id are skipped.
 */
export function placeOf<Point extends AnswerCandidate>(
  own: AnswerCandidate,
  points: readonly Point[],
  need: Omit<Need, 'speed'>,
): PointPlace<Point> | null {
  const mine = figuresOf(own, need);
  if (mine === null) return null;
  const others = points.flatMap((point) => {
    if (point.hw !== own.hw || point.id === own.id || !allowsArrival(need.arrival, point)) return [];
    const figures = figuresOf(point, need);
    return figures === null || !isSoonEnough(figures.ttftMs, need.ttftMs) ? [] : [{ point, ...figures }];
  });
  const ahead = others.filter(
    ({ speed, tput }) => speed >= mine.speed && tput >= mine.tput && (speed > mine.speed || tput > mine.tput),
  );
  return {
    speed: mine.speed,
    speedStatistic: mine.of,
    tputPerGpu: mine.tput,
    ttftMs: mine.ttftMs,
    isSoonEnough: isSoonEnough(mine.ttftMs, need.ttftMs),
    of: others.length + 1,
    ahead: ahead.toSorted((a, b) => b.tput - a.tput).map(({ point }) => point),
  };
}
