import type { WorkItem } from './session-work.ts';

/**
 * The seed of a measurement's prompts: the client's, moved by shape, concurrency and repeat. Upstream starts the engine
 * anew for each point; here points and repeats share one start, and equal prompts would be answered from its prefix
 * cache. The same point has the same prompts in every sweep.
 */
export function seedOf({ point, repeat }: WorkItem): number {
  let hash = 0x811c9dc5;
  for (const value of [point.client.seed, point.entry.isl, point.entry.osl, point.conc, repeat]) {
    for (const digit of `${value},`) hash = Math.imul(hash ^ digit.charCodeAt(0), 0x01000193);
  }
  return hash >>> 1;
}
