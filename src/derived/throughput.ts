/** The tokens that a figure counts. */
export const tokenKinds = ['total', 'output', 'input'] as const;

export type TokenKind = (typeof tokenKinds)[number];

/**
 * The GPUs of a point by role. Without disaggregation every GPU does all the work, so all three numbers are
 * the same.
 */
export interface GpuCounts {
  readonly total: number;
  /** Prefill GPUs. */
  readonly input: number;
  /** Decode GPUs. */
  readonly output: number;
}

/** A throughput that says which tokens it counts and which GPUs it is divided by. */
export interface ThroughputPerGpu {
  readonly tokens: TokenKind;
  /**
   * `own`: the GPUs that process this kind of token, as in the public figures (contract §5). `all`: every GPU
   * of the point, all of which must be paid for.
   */
  readonly dividedBy: 'own' | 'all';
  /** Tokens per second per GPU. */
  readonly perGpu: number;
}

/** The same tokens divided by all GPUs of the point. Only disaggregated points have a different number. */
export function overAllGpus(throughput: ThroughputPerGpu, gpus: GpuCounts): ThroughputPerGpu {
  if (throughput.dividedBy === 'all') return throughput;
  const perGpu = (throughput.perGpu * gpus[throughput.tokens]) / gpus.total;
  return { tokens: throughput.tokens, dividedBy: 'all', perGpu };
}
