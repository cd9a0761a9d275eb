import type { HistogramJson } from '../result-schema.ts';

/** The stated relative error of every quantile: half the width of a bucket. */
export const histogramRelativeError = 0.0005;
const growth = (1 + histogramRelativeError) / (1 - histogramRelativeError);
const logGrowth = Math.log(growth);

/**
 * Counts in buckets whose limits grow by a constant factor (as in DDSketch, Masson et al. 2019). A quantile is off by
 * at most 0.05 %, and merging the histograms of several processes adds no error.
 */
export class Histogram {
  readonly #counts = new Map<number, number>();
  #zeros = 0;
  #count = 0;
  #sum = 0;
  #sumOfSquares = 0;
  #max = Number.NEGATIVE_INFINITY;

  static of(samples: Iterable<number>): Histogram {
    const histogram = new Histogram();
    for (const sample of samples) histogram.record(sample);
    return histogram;
  }

  static fromJson(json: HistogramJson): Histogram {
    const histogram = new Histogram();
    histogram.add(json);
    return histogram;
  }

  get count(): number {
    return this.#count;
  }

  record(value: number): void {
    this.#count++;
    this.#sum += value;
    this.#sumOfSquares += value * value;
    this.#max = Math.max(this.#max, value);
    if (value <= 0) this.#zeros++;
    else this.#addTo(Math.ceil(Math.log(value) / logGrowth), 1);
  }

  /** Adds the counts of another histogram. */
  add(other: HistogramJson): void {
    this.#zeros += other.zeros;
    this.#count += other.zeros;
    this.#sum += other.sum;
    this.#sumOfSquares += other.sum_of_squares;
    this.#max = Math.max(this.#max, other.max ?? Number.NEGATIVE_INFINITY);
    for (const [bucket, count] of other.buckets) {
      this.#count += count;
      this.#addTo(bucket, count);
    }
  }

  /** NaN without samples, like the figures below. */
  mean(): number {
    return this.#sum / this.#count;
  }

  /** Population standard deviation. */
  std(): number {
    if (this.#count === 0) return Number.NaN;
    return Math.sqrt(Math.max(0, this.#sumOfSquares / this.#count - this.mean() ** 2));
  }

  quantile(fraction: number): number {
    if (this.#count === 0) return Number.NaN;
    const rank = fraction * (this.#count - 1);
    let below = this.#zeros;
    if (rank < below) return 0;
    for (const [bucket, count] of this.#sorted()) {
      below += count;
      if (rank < below) return (2 * growth ** bucket) / (growth + 1);
    }
    return this.#max;
  }

  /** The number of samples that are not greater than a value, within the width of a bucket. */
  countUpTo(value: number): number {
    let count = this.#zeros;
    const last = value > 0 ? Math.floor(Math.log(value) / logGrowth) : Number.NEGATIVE_INFINITY;
    for (const [bucket, inBucket] of this.#counts) if (bucket <= last) count += inBucket;
    return count;
  }

  toJson(): HistogramJson {
    return {
      zeros: this.#zeros,
      sum: this.#sum,
      sum_of_squares: this.#sumOfSquares,
      max: this.#count === 0 ? null : this.#max,
      buckets: this.#sorted(),
    };
  }

  #addTo(bucket: number, count: number): void {
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + count);
  }

  #sorted(): [number, number][] {
    return [...this.#counts].sort(([a], [b]) => a - b);
  }
}
