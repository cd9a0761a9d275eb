import type { Latencies } from '../latencies.ts';
import { type RequestLog, RequestState } from '../request-log.ts';
import type { MetricFigures, PartFigures } from '../result-schema.ts';
import { known, orNull, valueAt } from '../unknown.ts';
import { type Summary, summarize } from './summary.ts';

/** How requests are divided: the names of the parts, and the part of each request, or undefined. */
export interface Division {
  readonly names: readonly string[];
  partOf(index: number): number | undefined;
}

/** The figures of each part of a test's requests, such as those of one server or of one model. */
export function partFigures(
  log: RequestLog,
  latencies: Latencies,
  { names, partOf }: Division,
  {
    seconds,
    percentiles,
    generates,
  }: { readonly seconds: number; readonly percentiles: readonly number[]; readonly generates: boolean },
): PartFigures[] {
  // Latencies are those of the completed requests, in the order of the log.
  const partsOfReplies = log.completed((index) => partOf(index) ?? Number.NaN);
  const partsOfAll = Array.from({ length: log.length }, (_, index) =>
    log.state[index] === RequestState.unsent ? undefined : partOf(index),
  );
  return names.map((name, part) => {
    const ofReplies = (samples: Float64Array): Float64Array =>
      samples.filter((_, place) => partsOfReplies[place] === part);
    const figures = (samples: Float64Array): MetricFigures =>
      figuresOf(summarize(known(ofReplies(samples)).sort(), percentiles));
    const total = (column: Float64Array): number =>
      ofReplies(log.completed((index) => valueAt(column, index))).reduce((sum, value) => sum + value, 0);
    const inPart = (state: RequestState): number =>
      partsOfAll.filter((one, index) => one === part && log.state[index] === state).length;
    const completed = inPart(RequestState.completed);
    const perSecond = (count: number): number => (count === 0 ? 0 : count / seconds);
    return {
      name,
      requests: partsOfAll.filter((one) => one === part).length,
      completed,
      failed: inPart(RequestState.failed),
      request_throughput: perSecond(completed),
      input_throughput: orNull(perSecond(total(log.inputTokens))),
      output_throughput: generates ? orNull(perSecond(total(log.outputTokens))) : null,
      ttft: figures(latencies.ttftMs),
      tpot: figures(latencies.tpotMs),
      e2el: figures(latencies.e2elMs),
    };
  });
}

/** The figures of one metric. */
export function figuresOf({ mean, median, std, percentiles }: Summary): MetricFigures {
  return {
    mean_ms: orNull(mean),
    median_ms: orNull(median),
    std_ms: orNull(std),
    ...Object.fromEntries([...percentiles].map(([percent, value]) => [`p${percent}_ms`, orNull(value)])),
  };
}
