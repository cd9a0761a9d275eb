import { type BestAnswer, bestOf, isSoonEnough, type Need } from './answer.ts';
import { type AnswerCandidate, speedOf } from './candidate.ts';
import type { HardwareReadings, PointReading } from './readings.ts';

/** The answers of one hardware type to the same need at different speeds. */
export interface Envelope<Point> {
  readonly hw: string;
  /** In order of rising speed. */
  readonly places: readonly { readonly speed: number; readonly answer: BestAnswer<Point> }[];
}

/** Steps between the slowest and the fastest speed, evenly spaced on a log scale. */
const steps = 32;
/** Just above a measured speed, where another answer takes over. */
const above = 1 + 1e-6;

/**
 * Computes for each hardware type the answers to a need at every speed that was measured within its limits. At any
 * speed, the envelope equals the answer at that speed.
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
    // An envelope steps down to the next answer at the speeds of measured points.
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

/** A relative margin above any rounding error of an interpolated value. */
const rounding = 1e-9;

/**
 * The readings that can be part of an answer at some speed, in order. A reading is dropped if another one is
 * at least as fast, within the TTFT limit, and has a clearly higher throughput than both the reading and its
 * next neighbour, and therefore than the line between them.
 */
function contenders<Point>(
  readings: readonly PointReading<Point>[],
  ttftMs: number | null,
): readonly PointReading<Point>[] {
  // Readings within the TTFT limit whose throughput is above that of all faster ones, fastest first.
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
