import { type Answer, bestOf, type Need, serversOf } from './answer.ts';
import type { Candidate } from './candidate.ts';

/** What a hardware gives at each speed: the answer to the same need at one speed after the other. */
export interface Envelope<Point> {
  readonly hw: string;
  /** By rising speed, falling throughput; measured points are among them. */
  readonly answers: readonly Answer<Point>[];
}

/** Places between the slowest and the fastest speed, evenly apart in their logarithm. */
const steps = 64;

/**
 * The line of each hardware through the answers to a need, for every speed that was measured within its limits. It is
 * what the answers say and nothing else: read at any speed, it gives the answer at that speed.
 */
export function envelopesOf<Point extends Candidate>(
  points: readonly Point[],
  need: Omit<Need, 'speed'>,
): Envelope<Point>[] {
  return [...Map.groupBy(points, ({ hw }) => hw)].flatMap(([hw, members]) => {
    const servers = serversOf(members, need);
    const speeds = servers.flatMap((server) => server.flatMap((reading) => reading?.speed ?? []));
    const [least, most] = [Math.min(...speeds), Math.max(...speeds)];
    if (!(least > 0) || !Number.isFinite(most)) return [];
    const asked = Array.from({ length: steps + 1 }, (_, step) => least * (most / least) ** (step / steps));
    const found = asked.flatMap((speed) => bestOf(hw, servers, { ...need, speed }) ?? []);
    // The same measured point is the answer at many speeds.
    const distinct = found.filter((answer, index) => answer.speed !== found[index - 1]?.speed);
    return distinct.length === 0 ? [] : [{ hw, answers: distinct }];
  });
}
