import type { PublishedName } from './metric-names.ts';
import { isDeclared, type MetricSample, presentName, samplesOf } from './samples.ts';

/** What was read before and after a measurement, a text for each place that was read. */
export interface MetricTexts {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** A counter went back, or is gone: the server was restarted. */
export class CounterReset extends Error {
  override readonly name = 'CounterReset';
}

/** A latency over the requests of a window. */
export interface LatencyFigures {
  readonly count: number;
  /** Exact; null without a request. */
  readonly mean_ms: number | null;
  /** The bounds of the bucket that it lies in: more a histogram does not say. null without a request. */
  readonly median_within_ms: Bounds | null;
  readonly p99_within_ms: Bounds | null;
}

/** The upper one is null in the last bucket, which has none. */
type Bounds = readonly [low: number, high: number | null];

/**
 * How much a counter went up, all label sets together; null where the server has no such counter. A label set that was
 * not there before began at 0, as clients of Prometheus make them with their first value. Throws CounterReset.
 */
export function increaseIn({ before, after }: MetricTexts, name: PublishedName): number | null {
  const present = presentName(after, name) ?? presentName(before, name);
  if (present === undefined) {
    const names = typeof name === 'string' ? [name] : name;
    return names.some((one) => isDeclared(after, one)) ? 0 : null;
  }
  const increases = increasesOf(samplesOf(before, present), samplesOf(after, present), present);
  return increases.reduce((sum, { value }) => sum + value, 0);
}

/** A histogram in seconds over the window, in milliseconds; undefined where the server has none. Throws CounterReset. */
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

/** Each series of `after` less what it was before. */
function increasesOf(
  before: readonly MetricSample[],
  after: readonly MetricSample[],
  name: string,
): MetricSample[] {
  const earlier = new Map(before.map(({ series, value }) => [series, value]));
  const increases = after.map((sample) => {
    const was = earlier.get(sample.series) ?? 0;
    if (sample.value < was) throw new CounterReset(`${name} went back from ${was} to ${sample.value}`);
    earlier.delete(sample.series);
    return { ...sample, value: sample.value - was };
  });
  if (earlier.size > 0) throw new CounterReset(`${name} is gone`);
  return increases;
}

interface Bucket {
  /** Seconds; infinite of the last. */
  readonly bound: number;
  /** Observations up to the bound. */
  readonly count: number;
}

/** The buckets of all label sets together, by their bounds; none where the sets have different ones. */
function bucketsOf(samples: readonly MetricSample[]): readonly Bucket[] {
  const bounds = Map.groupBy(samples, ({ labels }) => boundIn(labels));
  const sizes = new Set([...bounds.values()].map(({ length }) => length));
  if (sizes.size !== 1 || bounds.has(Number.NaN)) return [];
  return [...bounds]
    .map(([bound, ofBound]) => ({ bound, count: ofBound.reduce((sum, { value }) => sum + value, 0) }))
    .toSorted((a, b) => a.bound - b.bound);
}

function boundIn(labels: string): number {
  const text = /[{,]\s*le="([^"]*)"/.exec(labels)?.[1];
  return text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text ?? Number.NaN);
}

/** The bucket in which the observation of a rank is; null where the buckets do not say. */
function boundsOf(buckets: readonly Bucket[], rank: number): Bounds | null {
  const index = buckets.findIndex(({ count }) => count >= rank);
  const bucket = buckets[index];
  if (bucket === undefined) return null;
  const lowS = buckets[index - 1]?.bound ?? 0;
  return [1000 * lowS, Number.isFinite(bucket.bound) ? 1000 * bucket.bound : null];
}
