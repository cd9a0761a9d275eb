import { type BestAnswer, bestOf, type Need, serversOf } from './answer.ts';
import { type AnswerCandidate, speedOf } from './candidate.ts';

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
  points: readonly Point[],
  need: Omit<Need, 'speed'>,
): Envelope<Point>[] {
  return [...Map.groupBy(points, ({ hw }) => hw)].flatMap(([hw, members]) => {
    const servers = serversOf(members, need);
    const speeds = servers.flatMap(({ readings }) => readings.flatMap((reading) => reading?.speed ?? []));
    const [least, most] = [Math.min(...speeds), Math.max(...speeds)];
    if (!(least > 0) || !Number.isFinite(most)) return [];
    const answerAt = (speed: number) => {
      const answer = bestOf(hw, servers, { ...need, speed });
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
