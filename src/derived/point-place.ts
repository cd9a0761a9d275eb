import { isSoonEnough, type Need } from './answer.ts';
import type { AnswerCandidate, SpeedStatistic } from './candidate.ts';
import { figuresOf } from './readings.ts';

/** Where one point stands among the points of its hardware. */
export interface PointPlace<Point> {
  readonly speed: number;
  /** The percentile that the speed is of: a stricter one than asked where that is not known. */
  readonly speedStatistic: SpeedStatistic;
  /** Tokens per second over every GPU. */
  readonly tputPerGpu: number;
  readonly ttftMs: number | null;
  /** Whether it keeps to the limit of the time to the first token. */
  readonly isSoonEnough: boolean;
  /** Points of the hardware within that limit that have both figures, this one included. */
  readonly of: number;
  /** Those of them that are at least as fast and give at least as much, and more of one; the most tokens first. */
  readonly ahead: readonly Point[];
}

/** null where the point has no such speed or throughput. No point of the same name is compared with itself. */
export function placeOf<Point extends AnswerCandidate>(
  own: AnswerCandidate,
  points: readonly Point[],
  need: Omit<Need, 'speed'>,
): PointPlace<Point> | null {
  const mine = figuresOf(own, need);
  if (mine === null) return null;
  const others = points.flatMap((point) => {
    const figures = point.hw === own.hw && point.id !== own.id ? figuresOf(point, need) : null;
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
