import type { ThroughputPerGpu } from './throughput.ts';

/**
 * Tokens per second per megawatt of all-in power (contract §8), from the all-in power of one GPU in kW.
 *
 *     tokensPerSPerMw({ tokens: 'total', dividedBy: 'all', perGpu: 1000 }, 2) // 500,000
 */
export function tokensPerSPerMw(throughput: ThroughputPerGpu, allInPowerKw: number): number {
  return (throughput.perGpu * 1000) / allInPowerKw;
}

/** Energy per token in joules, from the power of one GPU in kW; null if the throughput is 0. */
export function joulesPerToken(throughput: ThroughputPerGpu, powerKw: number): number | null {
  return throughput.perGpu > 0 ? (powerKw * 1000) / throughput.perGpu : null;
}
