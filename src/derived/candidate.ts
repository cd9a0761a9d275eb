import type { MetricName } from './metrics.ts';
import { type GpuCounts, overAllGpus, type ThroughputPerGpu, type TokenKind } from './throughput.ts';
import type { PublishedVerdict } from './verdicts.ts';

/** The part of a measured point that answers need. */
export interface AnswerCandidate {
  readonly id: string;
  readonly hw: string;
  /** Identifies the server: everything except the concurrency. Points of one server have the same value. */
  readonly server: string;
  readonly precision: string;
  readonly conc: number;
  readonly gpus: GpuCounts;
  readonly verdict: PublishedVerdict;
  /** Unix time in seconds. */
  readonly measuredAtS: number;
  /** The InferenceMAX version that measured it; null for points of other tools. */
  readonly version: string | null;
  /** Null if the point does not have this figure. */
  metric(name: MetricName): number | null;
  /** 95 % interval; null if there is none. */
  interval(name: MetricName): readonly [low: number, high: number] | null;
}

/**
 * The key of a server: the requested configuration and the image. If the image is unknown, points share a
 * server only within one run.
 */
export function serverKey(
  configuration: readonly string[],
  { image, run }: { readonly image: string; readonly run: string },
): string {
  const built = image === '' || image === unknownImage ? `run ${run}` : image;
  return JSON.stringify([...configuration, built]);
}

/** The value of `image` in rows whose image was not recorded. */
export const unknownImage = 'unknown';

/** The fraction of users or requests that a figure covers. */
export type SpeedStatistic = 'median' | 'p90' | 'p99';
export const speedStatistics: readonly SpeedStatistic[] = ['median', 'p90', 'p99'];

/** A figure, and whether a stricter percentile replaces the requested one. */
export interface Bound {
  readonly value: number;
  readonly of: SpeedStatistic;
}

const speeds: Readonly<Record<SpeedStatistic, MetricName>> = {
  median: 'medianInteractivity',
  p90: 'p90Interactivity',
  p99: 'p99Interactivity',
};
const firstTokens: Readonly<Record<SpeedStatistic, MetricName>> = {
  median: 'medianTtftMs',
  p90: 'p90TtftMs',
  p99: 'p99TtftMs',
};

/**
 * The speed, in tokens per second, that at least this fraction of users gets. If the requested percentile is
 * unknown, a stricter one replaces it: users who get a speed at p99 get it at p90. A stricter percentile
 * never gives a higher speed.
 */
export function speedOf(point: Pick<AnswerCandidate, 'metric'>, statistic: SpeedStatistic): Bound | null {
  return boundOf(point, speeds, statistic, Math.min);
}

/** The TTFT in ms that this fraction of requests does not exceed; the same rules apply. */
export function firstTokenOf(
  point: Pick<AnswerCandidate, 'metric'>,
  statistic: SpeedStatistic,
): Bound | null {
  return boundOf(point, firstTokens, statistic, Math.max);
}

/** Runs for every point whenever the need changes, so it allocates only its result. */
function boundOf(
  point: Pick<AnswerCandidate, 'metric'>,
  metrics: Readonly<Record<SpeedStatistic, MetricName>>,
  asked: SpeedStatistic,
  stricter: (a: number, b: number) => number,
): Bound | null {
  let isAsked = false;
  let value: number | null = null;
  for (const of of speedStatistics) {
    isAsked ||= of === asked;
    const known = point.metric(metrics[of]);
    if (known === null) continue;
    value = value === null ? known : stricter(value, known);
    if (isAsked) return { value, of };
  }
  return null;
}

/** The throughput metric for each kind of token. */
export const tputMetrics = {
  total: 'totalTputPerGpu',
  output: 'outputTputPerGpu',
  input: 'inputTputPerGpu',
} as const satisfies Readonly<Record<TokenKind, MetricName>>;

/**
 * Tokens of a kind per second per GPU, divided by all GPUs of the point, because all of them are paid for.
 */
export function payableThroughput(
  point: Pick<AnswerCandidate, 'gpus'>,
  tokens: TokenKind,
  perGpu: number,
): number {
  const own: ThroughputPerGpu = { tokens, dividedBy: tokens === 'total' ? 'all' : 'own', perGpu };
  return overAllGpus(own, point.gpus).perGpu;
}
