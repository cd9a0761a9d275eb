import type { PublishedName } from './metric-names.ts';
import { isDeclared, type MetricSample, presentName, samplesOf } from './samples.ts';

/** Metrics read before and after a measurement, one text for each place. */
export interface MetricTexts {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** A counter decreased or disappeared, so the server was restarted. */
export class CounterReset extends Error {
  override readonly name = 'CounterReset';
}

/** A latency over the requests of a window. */
export interface LatencyFigures {
  readonly count: number;
  /** Exact; null without requests. */
  readonly mean_ms: number | null;
  /** The limits of the bucket that contains it; a histogram has no more detail. null without requests. */
  readonly median_within_ms: Bounds | null;
  readonly p99_within_ms: Bounds | null;
}

/** The upper limit is null in the last bucket, which has none. */
type Bounds = readonly [low: number, high: number | null];

/**
 * How much a counter increased, over all label sets; null if the server does not have it. A label set that is new
 * started at 0, because Prometheus clients create it with its first value. With a label, over the sets that have it,
 * and null without any. Throws CounterReset.
 */
export function increaseIn(
  { before, after }: MetricTexts,
  name: PublishedName,
  label?: readonly [name: string, value: string],
): number | null {
  const present = presentName(after, name) ?? presentName(before, name);
  if (present === undefined) {
    const names = typeof name === 'string' ? [name] : name;
    return names.some((one) => isDeclared(after, one)) ? 0 : null;
  }
  const all = increasesOf(samplesOf(before, present), samplesOf(after, present), present);
  const increases = label === undefined ? all : all.filter(({ labels }) => hasLabel(labels, label));
  if (label !== undefined && increases.length === 0) return null;
  return increases.reduce((sum, { value }) => sum + value, 0);
}

/** Increases of a counter by the integer value of one label, over all other labels. Throws CounterReset. */
export function increasesByLabel(
  { before, after }: MetricTexts,
  name: PublishedName,
  label: string,
): ReadonlyMap<number, number> {
  const present = presentName(after, name) ?? presentName(before, name);
  const sums = new Map<number, number>();
  if (present === undefined) return sums;
  const labelled = new RegExp(`[{,]\\s*${label}="(\\d+)"`);
  for (const { labels, value } of increasesOf(
    samplesOf(before, present),
    samplesOf(after, present),
    present,
  )) {
    const key = labelled.exec(labels)?.[1];
    if (key !== undefined) sums.set(Number(key), (sums.get(Number(key)) ?? 0) + value);
  }
  return sums;
}

/**
 * A histogram in seconds over the window, converted to milliseconds; undefined if the server does not have it. Throws
 * CounterReset.
 */
export function latencyIn({ before, after }: MetricTexts, name: PublishedName): LatencyFigures | undefined {
  const present = presentName(after, name, '_count') ?? presentName(before, name, '_count');
  if (present === undefined) return undefined;
  const part = (suffix: string) => {
    const full = `${present}${suffix}`;
    return increasesOf(samplesOf(before, full), samplesOf(after, full), full);
  };
  const total = (samples: readonly MetricSample[]) => samples.reduce((sum, { value }) => sum + value, 0);
  const count = total(part('_count'));
  const sums = part('_sum');
  const buckets = bucketsOf(part('_bucket'));
  const quantile = (share: number) => boundsOf(buckets, share * count);
  return {
    count,
    mean_ms: count === 0 || sums.length === 0 ? null : (1000 * total(sums)) / count,
    median_within_ms: count === 0 ? null : quantile(0.5),
    p99_within_ms: count === 0 ? null : quantile(0.99),
  };
}

/** Each series of `after` minus its value in `before`. */
function increasesOf(
  before: readonly MetricSample[],
  after: readonly MetricSample[],
  name: string,
): MetricSample[] {
  const earlier = new Map(before.map(({ series, value }) => [series, value]));
  const increases = after.map((sample) => {
    const was = earlier.get(sample.series) ?? 0;
    if (sample.value < was) throw new CounterReset(`${name} decreased from ${was} to ${sample.value}`);
    earlier.delete(sample.series);
    return { ...sample, value: sample.value - was };
  });
  if (earlier.size > 0) throw new CounterReset(`${name} disappeared`);
  return increases;
}

interface Bucket {
  /** In seconds; infinite for the last bucket. */
  readonly bound: number;
  /** Observations up to the limit. */
  readonly count: number;
}

/** The buckets of all label sets together, by their limits; empty if the sets have different limits. */
function bucketsOf(samples: readonly MetricSample[]): readonly Bucket[] {
  const bounds = Map.groupBy(samples, ({ labels }) => boundIn(labels));
  const sizes = new Set([...bounds.values()].map(({ length }) => length));
  if (sizes.size !== 1 || bounds.has(Number.NaN)) return [];
  return [...bounds]
    .map(([bound, ofBound]) => ({ bound, count: ofBound.reduce((sum, { value }) => sum + value, 0) }))
    .toSorted((a, b) => a.bound - b.bound);
}

/** Whether a label set as written contains a label with a value. */
function hasLabel(labels: string, [name, value]: readonly [name: string, value: string]): boolean {
  return labels.includes(`{${name}="${value}"`) || labels.includes(`,${name}="${value}"`);
}

function boundIn(labels: string): number {
  const text = /[{,]\s*le="([^"]*)"/.exec(labels)?.[1];
  return text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text ?? Number.NaN);
}

/** The limits of the bucket that contains the observation of a rank; null if unknown. */
function boundsOf(buckets: readonly Bucket[], rank: number): Bounds | null {
  const index = buckets.findIndex(({ count }) => count >= rank);
  const bucket = buckets[index];
  if (bucket === undefined) return null;
  const lowS = buckets[index - 1]?.bound ?? 0;
  return [1000 * lowS, Number.isFinite(bucket.bound) ? 1000 * bucket.bound : null];
}
