import { type BestAnswer, bestOf, isSoonEnough, type Need } from './answer.ts';
import { type AnswerCandidate, speedOf } from './candidate.ts';
import type { HardwareReadings, PointReading } from './readings.ts';

/** What a hardware gives at each speed: the answer to the same need at one speed after the other. */
export interface Envelope<Point> {
  readonly hw: string;
  /** By rising speed. */
  readonly places: readonly { readonly speed: number; readonly answer: BestAnswer<Point> }[];
}

/** Places between the slowest and the fastest speed, evenly apart in their logarithm. */
const steps = 32;
/** Just above a measured speed, where another answer takes over. */
const above = 1 + 1e-6;

/**
 * The line of each hardware through the answers to a need, for every speed that was measured within its limits. It is
 * what the answers say and nothing else: read at any speed, it gives the answer at that speed.
 */
export function envelopesOf<Point extends AnswerCandidate>(
  hardware: readonly HardwareReadings<Point>[],
  need: Omit<Need, 'speed'>,
): Envelope<Point>[] {
  return hardware.flatMap(({ hw, readings }) => {
    const byRisingSpeed = Float64Array.from(readings, ({ speed }) => speed).sort();
    const [least, most] = [byRisingSpeed[0] ?? Number.NaN, byRisingSpeed.at(-1) ?? Number.NaN];
    if (!(least > 0) || !Number.isFinite(most)) return [];
    const able = contenders(readings, need.ttftMs);
    const answerAt = (speed: number) => {
      const answer = bestOf(hw, able, { ...need, speed });
      return answer === null ? [] : [{ speed, answer }];
    };
    const even = Array.from({ length: steps + 1 }, (_, step) => least * (most / least) ** (step / steps));
    const found = even.flatMap(answerAt);
    // Where a line falls to the next answer: at the speeds of the measured points that it rests on.
    const corners = new Set(
      found.flatMap(({ answer: { at } }) => {
        const rests = at.kind === 'measured' ? [at.point] : at.points;
        return rests.flatMap((point) => speedOf(point, need.speedStatistic)?.value ?? []);
      }),
    );
    const places = [
      ...found,
      ...[...corners].flatMap((speed) => [...answerAt(speed), ...answerAt(speed * above)]),
    ];
    return places.length === 0 ? [] : [{ hw, places: places.toSorted((a, b) => a.speed - b.speed) }];
  });
}

/** More than rounding can add to a value on a straight line. */
const rounding = 1e-9;

/**
 * The readings that can be part of an answer at some speed, in their order. Left out are those where another one is at
 * least as fast and soon enough, and gives surely more, both than the reading and than the next, so that it gives more
 * than the line between them, too.
 */
function contenders<Point>(
  readings: readonly PointReading<Point>[],
  ttftMs: number | null,
): readonly PointReading<Point>[] {
  // The soon enough ones that give more than all that are faster, the fastest first.
  const stairs: PointReading<Point>[] = [];
  const soon = readings.filter((reading) => isSoonEnough(reading.ttftMs, ttftMs));
  for (const reading of soon.sort((a, b) => b.speed - a.speed))
    if (reading.tput > (stairs.at(-1)?.tput ?? Number.NEGATIVE_INFINITY)) stairs.push(reading);
  return readings.filter(({ speed, tput, next }) => {
    const [fastest, most] = [Math.max(speed, next?.speed ?? speed), Math.max(tput, next?.tput ?? tput)];
    const better = stairs.findLast((stair) => stair.speed >= fastest);
    return better === undefined || better.tput * (1 - rounding) <= most;
  });
}
