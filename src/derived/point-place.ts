import { isSoonEnough, type Need } from './answer.ts';
import {
  type AnswerCandidate,
  firstTokenOf,
  payableThroughput,
  type SpeedStatistic,
  speedOf,
  tputMetrics,
} from './candidate.ts';

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
  { speedStatistic, ttftMs: limitMs, ttftStatistic, tokens }: Omit<Need, 'speed'>,
): PointPlace<Point> | null {
  const figuresOf = (point: AnswerCandidate) => {
    const speed = speedOf(point, speedStatistic);
    const tput = point.metric(tputMetrics[tokens]);
    if (speed === null || tput === null) return null;
    const ttftMs = firstTokenOf(point, ttftStatistic)?.value ?? null;
    return { speed, tput: payableThroughput(point, tokens, tput), ttftMs };
  };
  const mine = figuresOf(own);
  if (mine === null) return null;
  const others = points.flatMap((point) => {
    const figures = point.hw === own.hw && point.id !== own.id ? figuresOf(point) : null;
    return figures === null || !isSoonEnough(figures.ttftMs, limitMs) ? [] : [{ point, ...figures }];
  });
  const ahead = others.filter(
    ({ speed, tput }) =>
      speed.value >= mine.speed.value &&
      tput >= mine.tput &&
      (speed.value > mine.speed.value || tput > mine.tput),
  );
  return {
    speed: mine.speed.value,
    speedStatistic: mine.speed.of,
    tputPerGpu: mine.tput,
    ttftMs: mine.ttftMs,
    isSoonEnough: isSoonEnough(mine.ttftMs, limitMs),
    of: others.length + 1,
    ahead: ahead.toSorted((a, b) => b.tput - a.tput).map(({ point }) => point),
  };
}
