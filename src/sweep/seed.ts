import type { WorkItem } from './session-work.ts';

/**
 * The seed of a measurement's prompts: that of the workload or client, changed by shape, concurrency and repeat. The
 * public system starts a new engine for each point; here points and repeats share a start, and equal prompts
 * would be answered from the prefix cache. The same point has the same prompts in every sweep.
 */
export function seedOf({ point, repeat }: WorkItem): number {
  let hash = 0x811c9dc5;
  const { client, entry, conc } = point;
  const seed = entry.traffic?.seed ?? client.seed;
  for (const value of [seed, entry.isl, entry.osl, conc, repeat]) {
    for (const digit of `${value},`) hash = Math.imul(hash ^ digit.charCodeAt(0), 0x01000193);
  }
  return hash >>> 1;
}
