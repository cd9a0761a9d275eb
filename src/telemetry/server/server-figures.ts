import { type DraftFigures, draftFigures } from './draft-figures.ts';
import { increaseIn, type LatencyFigures, latencyIn, type MetricTexts } from './increases.ts';
import {
  type EngineQuantity,
  type MetricNames,
  type PublishedName,
  type ServerCounter,
  type ServerLatency,
  serverLatencies,
} from './metric-names.ts';

/** The server's own counts and times for a window; null if it does not publish them. */
export interface ServerFigures {
  readonly finished_requests: number | null;
  readonly prompt_tokens: number | null;
  readonly generation_tokens: number | null;
  /** Latencies for which it has histograms. */
  readonly latencies: Readonly<Partial<Record<ServerLatency, LatencyFigures>>>;
  /** Prompt tokens looked up in the prefix cache, and those found; the share is null if none were looked up. */
  readonly prefix_cache: {
    readonly queried_tokens: number;
    readonly hit_tokens: number;
    readonly share: number | null;
  } | null;
  /** Requests that were preempted and restarted. */
  readonly preemptions: number | null;
  /** Speculative decoding; also null if nothing was drafted. */
  readonly spec_decode: DraftFigures | null;
}

/** The server's own figures between two readings of its metrics. Throws CounterReset if it was restarted. */
export function serverFigures(texts: MetricTexts, metrics: MetricNames): ServerFigures {
  const { names, latencies = {} } = metrics;
  const increase = (counter: ServerCounter | EngineQuantity): number | null => {
    const name: PublishedName | undefined = names[counter];
    return name === undefined ? null : increaseIn(texts, name);
  };
  return {
    finished_requests: increase('finishedRequests'),
    prompt_tokens: increase('promptTokens'),
    generation_tokens: increase('generationTokens'),
    latencies: Object.fromEntries(
      serverLatencies.flatMap((latency) => {
        const name = latencies[latency];
        const figures = name === undefined ? undefined : latencyIn(texts, name);
        return figures === undefined ? [] : [[latency, figures]];
      }),
    ),
    prefix_cache: prefixCacheOf(increase),
    preemptions: increase('preemptions'),
    spec_decode: draftFigures(texts, metrics),
  };
}

type Increase = (counter: ServerCounter | EngineQuantity) => number | null;

function prefixCacheOf(increase: Increase): ServerFigures['prefix_cache'] {
  const hits = increase('prefixCacheHits');
  const misses = increase('prefixCacheMisses');
  const queries = misses === null || hits === null ? increase('prefixCacheQueries') : hits + misses;
  if (hits === null || queries === null) return null;
  return { queried_tokens: queries, hit_tokens: hits, share: queries === 0 ? null : hits / queries };
}
