import { type DraftFigures, draftFigures } from './draft-figures.ts';
import { increaseIn, type LatencyFigures, latencyIn, type MetricTexts } from './increases.ts';
import {
  type EngineQuantity,
  type MetricNames,
  type PromptSource,
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
  /** The same for the cache in host memory or of another server. */
  readonly external_cache: ServerFigures['prefix_cache'];
  /** Prompt tokens by source, as far as the server counts them; null if it counts none. */
  readonly prompt_tokens_from: Readonly<Record<PromptSource, number | null>> | null;
  /** The KV cache moved between GPUs and host memory; null if the server does not count it. */
  readonly kv_offload: { readonly to_cpu: OffloadFigures; readonly to_gpu: OffloadFigures } | null;
  /** Requests that were preempted and restarted. */
  readonly preemptions: number | null;
  /** Speculative decoding; also null if nothing was drafted. */
  readonly spec_decode: DraftFigures | null;
}

/** What was moved in one direction. */
export interface OffloadFigures {
  readonly bytes: number | null;
  readonly seconds: number | null;
  /** Null if nothing was moved. */
  readonly bytes_per_s: number | null;
}

/** The server's own figures between two readings of its metrics. Throws CounterReset if it was restarted. */
export function serverFigures(texts: MetricTexts, metrics: MetricNames): ServerFigures {
  const { names, latencies = {}, promptTokensFrom = {} } = metrics;
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
    external_cache: lookedUp(increase('externalCacheQueries'), increase('externalCacheHits')),
    prompt_tokens_from: promptSourcesOf(texts, promptTokensFrom),
    kv_offload: offloadOf(increase),
    preemptions: increase('preemptions'),
    spec_decode: draftFigures(texts, metrics),
  };
}

type Increase = (counter: ServerCounter | EngineQuantity) => number | null;

function prefixCacheOf(increase: Increase): ServerFigures['prefix_cache'] {
  const hits = increase('prefixCacheHits');
  const misses = increase('prefixCacheMisses');
  const queries = misses === null || hits === null ? increase('prefixCacheQueries') : hits + misses;
  return lookedUp(queries, hits);
}

function lookedUp(queries: number | null, hits: number | null): ServerFigures['prefix_cache'] {
  if (hits === null || queries === null) return null;
  return { queried_tokens: queries, hit_tokens: hits, share: queries === 0 ? null : hits / queries };
}

function promptSourcesOf(
  texts: MetricTexts,
  counters: NonNullable<MetricNames['promptTokensFrom']>,
): ServerFigures['prompt_tokens_from'] {
  const of = (source: PromptSource): number | null => {
    const counter = counters[source];
    return counter === undefined ? null : increaseIn(texts, counter.name, counter.label);
  };
  const found = {
    gpuCache: of('gpuCache'),
    cpuOrExternalCache: of('cpuOrExternalCache'),
    computed: of('computed'),
  };
  return Object.values(found).every((tokens) => tokens === null) ? null : found;
}

function offloadOf(increase: Increase): ServerFigures['kv_offload'] {
  const moved = (bytes: number | null, seconds: number | null): OffloadFigures => ({
    bytes,
    seconds,
    bytes_per_s: bytes === null || seconds === null || seconds === 0 ? null : bytes / seconds,
  });
  const toCpu = moved(increase('kvBytesToCpu'), increase('kvSecondsToCpu'));
  const toGpu = moved(increase('kvBytesToGpu'), increase('kvSecondsToGpu'));
  return toCpu.bytes === null && toGpu.bytes === null ? null : { to_cpu: toCpu, to_gpu: toGpu };
}
