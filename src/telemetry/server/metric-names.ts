/** What a metric is called: of several names, which versions of an engine have, the first that is there counts. */
export type PublishedName = string | readonly string[];

/** What engines publish and is sampled, by our names; each carries its unit. */
export const engineQuantities = [
  /** Requests being served, and requests waiting for a place. */
  'running',
  'waiting',
  /** Share of the KV cache in use, 0 to 1. */
  'kvCacheUsage',
  /** Counters since the engine's start. */
  'promptTokens',
  'generationTokens',
  'preemptions',
  'specDraftedTokens',
  'specAcceptedTokens',
  /** Share of drafted tokens that are accepted, 0 to 1. */
  'specAcceptance',
] as const;
export type EngineQuantity = (typeof engineQuantities)[number];

/** Counters that are read before and after a measurement only. */
export type ServerCounter =
  /** Requests that were answered to their end. */
  | 'finishedRequests'
  /** Prompt tokens that were looked up in the prefix cache, and those found there; or found, and not found. */
  | 'prefixCacheQueries'
  | 'prefixCacheHits'
  | 'prefixCacheMisses'
  /** Times that speculative decoding drafted tokens. */
  | 'specDrafts';

/** Latencies of which engines have histograms. Queue, prefill and decode are parts of a request in the engine. */
export const serverLatencies = ['ttft', 'tpot', 'itl', 'e2el', 'queue', 'prefill', 'decode'] as const;
export type ServerLatency = (typeof serverLatencies)[number];

/** What an engine calls its own figures. */
export interface MetricNames {
  readonly names: Partial<Readonly<Record<EngineQuantity | ServerCounter, PublishedName>>>;
  /** Histograms in seconds: an observation for each request, of ITL for each token. */
  readonly latencies?: Partial<Readonly<Record<ServerLatency, PublishedName>>>;
}

/** A place where metrics are published. */
export interface MetricsPlace {
  /** For people: without credentials. */
  readonly url: string;
  /** The text in Prometheus' format. Throws, in words, if there is none within `timeoutMs`. */
  readonly read: (timeoutMs: number) => Promise<string>;
}

/** Where an engine publishes its figures, and its names for ours. Figures of several places are of one server. */
export interface PublishedMetrics extends MetricNames {
  readonly places: readonly MetricsPlace[];
}

export function namesOf(name: PublishedName): readonly string[] {
  return typeof name === 'string' ? [name] : name;
}
