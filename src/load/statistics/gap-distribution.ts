import type { Distribution, HistogramJson } from '../result-schema.ts';
import { distributionOf, distributionOfHistogram } from './distribution.ts';
import { Histogram, histogramRelativeError } from './histogram.ts';
import { SampleLog } from './sample-log.ts';
import { type Summary, summarize } from './summary.ts';

/** Gaps that are kept individually (64 MB). Longer tests count the rest in a histogram, so that memory is limited. */
const mostExactSamples = 1 << 24;

/** The gaps of one thread, for sending to another. */
export interface GapParts {
  readonly samples: readonly Float32Array[];
  readonly rest: HistogramJson | undefined;
}

/** The gaps of a whole test: exact up to 16.8 million, then within the histogram's stated error. */
export class GapDistribution {
  readonly #samples = new SampleLog();
  readonly #mostExact: number;
  #rest: Histogram | undefined;

  constructor(mostExact: number = mostExactSamples) {
    this.#mostExact = mostExact;
  }

  /** The relative error of its quantiles; 0 while they are exact. */
  get quantileError(): number {
    return this.#rest === undefined ? 0 : histogramRelativeError;
  }

  pushAll(gapsMs: Float32Array): void {
    if (this.#samples.length + gapsMs.length <= this.#mostExact) {
      this.#samples.pushAll(gapsMs);
    } else {
      this.#rest ??= new Histogram();
      for (const gapMs of gapsMs) this.#rest.record(gapMs);
    }
  }

  copy(): GapDistribution {
    const copy = new GapDistribution(this.#mostExact);
    copy.absorb(this.parts());
    return copy;
  }

  parts(): GapParts {
    return { samples: this.#samples.segments(), rest: this.#rest?.toJson() };
  }

  absorb({ samples, rest }: GapParts): void {
    for (const segment of samples) this.pushAll(segment);
    if (rest === undefined) return;
    this.#rest ??= new Histogram();
    this.#rest.add(rest);
  }

  /** Its figures, and its distribution for drawing. */
  describe(percentiles: readonly number[]): { summary: Summary; distribution: Distribution } {
    if (this.#rest === undefined) {
      const samples = this.#samples.toArray();
      const summary = summarize(samples, percentiles);
      return { summary, distribution: distributionOf(samples) };
    }
    const all = this.histogram();
    const summary = {
      count: all.count,
      mean: all.mean(),
      median: all.quantile(0.5),
      std: all.std(),
      percentiles: new Map(percentiles.map((percent) => [percent, all.quantile(percent / 100)])),
    };
    return { summary, distribution: distributionOfHistogram(all) };
  }

  histogram(): Histogram {
    const all = Histogram.of(this.#samples.toArray());
    if (this.#rest !== undefined) all.add(this.#rest.toJson());
    return all;
  }
}
