/** Which tokens a figure counts. */
export const tokenKinds = ['total', 'output', 'input'] as const;

export type TokenKind = (typeof tokenKinds)[number];

/** The GPUs of a point: of one that is not disaggregated every GPU does all the work, so all three are the same. */
export interface GpuCounts {
  readonly total: number;
  /** Prefill GPUs. */
  readonly input: number;
  /** Decode GPUs. */
  readonly output: number;
}

/** A throughput that cannot be taken for another: it carries what it counts and what it was divided by. */
export interface ThroughputPerGpu {
  readonly tokens: TokenKind;
  /**
   * `own`: the GPUs that do that kind of work, as the public figures are (contract §5). `all`: every GPU of the point,
   * which is what must be paid for.
   */
  readonly dividedBy: 'own' | 'all';
  /** Tokens per second and GPU. */
  readonly perGpu: number;
}

/** The same tokens over every GPU of the point; the same number unless the point is disaggregated. */
export function overAllGpus(throughput: ThroughputPerGpu, gpus: GpuCounts): ThroughputPerGpu {
  if (throughput.dividedBy === 'all') return throughput;
  const perGpu = (throughput.perGpu * gpus[throughput.tokens]) / gpus.total;
  return { tokens: throughput.tokens, dividedBy: 'all', perGpu };
}
