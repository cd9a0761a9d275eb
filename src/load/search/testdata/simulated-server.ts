import { Random } from '../../random.ts';
import type { Probe } from '../evidence.ts';
import type { NextTest } from '../next-step.ts';

/** A server as a search sees it: for each SLO, the true share of requests within it at a load. */
export type Response = readonly ((level: number) => number)[];

/** Sends each request of a test with the true probability of meeting each SLO. */
export function simulatedProbe(response: Response, random: Random) {
  return ({ level, requests }: NextTest): Probe => ({
    level,
    attained: response.map((shareAt) => {
      const share = shareAt(level);
      let met = 0;
      for (let request = 0; request < requests; request++) if (random.unit() < share) met++;
      return { requests, met, designEffect: 1 };
    }),
  });
}
