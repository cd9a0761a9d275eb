import type { MetricName } from './metrics.ts';
import { type GpuCounts, overAllGpus, type ThroughputPerGpu, type TokenKind } from './throughput.ts';
import type { PublishedVerdict } from './verdicts.ts';

/** A measured point, as far as an answer is made of it. */
export interface AnswerCandidate {
  readonly id: string;
  readonly hw: string;
  /** What somebody starts: everything but the concurrency. Points of one server have the same. */
  readonly server: string;
  readonly precision: string;
  readonly conc: number;
  readonly gpus: GpuCounts;
  readonly verdict: PublishedVerdict;
  /** Seconds since 1970. */
  readonly measuredAtS: number;
  /** null where the point has no such figure. */
  metric(name: MetricName): number | null;
  /** 95 %, null where there is none. */
  interval(name: MetricName): readonly [low: number, high: number] | null;
}

/**
 * What makes two points ones of the same server: all that was asked for, and the same image. Where the image is not
 * known, only what one run measured is sure to be of one server.
 */
export function serverKey(
  configuration: readonly string[],
  { image, run }: { readonly image: string; readonly run: string },
): string {
  const built = image === '' || image === unknownImage ? `run ${run}` : image;
  return JSON.stringify([...configuration, built]);
}

/** What rows say where the image was not recorded. */
export const unknownImage = 'unknown';

/** For how many of the users, or of the requests. */
export type SpeedStatistic = 'median' | 'p90' | 'p99';
export const speedStatistics: readonly SpeedStatistic[] = ['median', 'p90', 'p99'];

/** A figure, and whether it is a stricter one that stands in for the one asked for. */
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
 * The speed that so many users get at least, tokens per second. Where the percentile asked for is not known, a stricter
 * one stands in for it: who gets a speed at p99 gets it at p90. A stricter one is never above a milder one, so that
 * asking for more users never finds more.
 */
export function speedOf(point: Pick<AnswerCandidate, 'metric'>, statistic: SpeedStatistic): Bound | null {
  return boundOf(point, speeds, statistic, Math.min);
}

/** The time to the first token that so many requests have at most, ms; by the same rules. */
export function firstTokenOf(
  point: Pick<AnswerCandidate, 'metric'>,
  statistic: SpeedStatistic,
): Bound | null {
  return boundOf(point, firstTokens, statistic, Math.max);
}

/** Asked for of every point on every change of the question, so that it makes nothing but what it returns. */
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

/** The throughput that counts tokens of a kind. */
export const tputMetrics = {
  total: 'totalTputPerGpu',
  output: 'outputTputPerGpu',
  input: 'inputTputPerGpu',
} as const satisfies Readonly<Record<TokenKind, MetricName>>;

/** Tokens of a kind per second over every GPU of the point, because every one is paid for. */
export function payableThroughput(
  point: Pick<AnswerCandidate, 'gpus'>,
  tokens: TokenKind,
  perGpu: number,
): number {
  const own: ThroughputPerGpu = { tokens, dividedBy: tokens === 'total' ? 'all' : 'own', perGpu };
  return overAllGpus(own, point.gpus).perGpu;
}
