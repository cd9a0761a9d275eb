import type { ThroughputPerGpu } from './throughput.ts';

/** Tokens per second that a megawatt of all-in power gives (contract §8). */
export function tokensPerSPerMw(throughput: ThroughputPerGpu, allInPowerKw: number): number {
  return (throughput.perGpu * 1000) / allInPowerKw;
}

/** Energy of one token, joules; null where nothing was produced. */
export function joulesPerToken(throughput: ThroughputPerGpu, powerKw: number): number | null {
  return throughput.perGpu > 0 ? (powerKw * 1000) / throughput.perGpu : null;
}
