/** The name of a metric. If engine versions use several names, the first one present is used. */
export type PublishedName = string | readonly string[];

/** Sampled quantities that engines publish, under our names, which include units. */
export const engineQuantities = [
  /** Requests that are running, and requests that wait in the queue. */
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
  /** Share of drafted tokens that were accepted, 0 to 1. */
  'specAcceptance',
  /** Mean tokens per verification step, its own token included. */
  'specAcceptanceLength',
] as const;
export type EngineQuantity = (typeof engineQuantities)[number];

/** Counters that are only read before and after a measurement. */
export type ServerCounter =
  /** Requests that were completed. */
  | 'finishedRequests'
  /** Prompt tokens looked up in the prefix cache and those found; or, in other engines, those found and not found. */
  | 'prefixCacheQueries'
  | 'prefixCacheHits'
  | 'prefixCacheMisses'
  /** Prompt tokens looked up in the cache in host memory or another server's, and those found. */
  | 'externalCacheQueries'
  | 'externalCacheHits'
  /** Bytes of the KV cache moved between GPUs and host memory, and the seconds that this took. */
  | 'kvBytesToCpu'
  | 'kvBytesToGpu'
  | 'kvSecondsToCpu'
  | 'kvSecondsToGpu'
  /** Verification steps of speculative decoding, each of one draft. */
  | 'specDrafts';

/** Where the tokens of prompts come from. */
export const promptSources = ['gpuCache', 'cpuOrExternalCache', 'computed'] as const;
export type PromptSource = (typeof promptSources)[number];

/** The series of a counter that have a label with this value. */
export interface LabelledCounter {
  readonly name: PublishedName;
  readonly label: readonly [name: string, value: string];
}

/** A counter of drafts with a label, from which the acceptance at each position follows. */
export interface DraftPositions {
  readonly name: PublishedName;
  readonly label: string;
  /**
   * `position`: the label is a position in drafts, and the counter the tokens accepted there. `accepted`: the label is
   * a number of accepted tokens, and the counter the drafts with that number.
   */
  readonly by: 'position' | 'accepted';
}

/** Latencies for which engines have histograms. Queue, prefill and decode are phases of a request in the engine. */
export const serverLatencies = ['ttft', 'tpot', 'itl', 'e2el', 'queue', 'prefill', 'decode'] as const;
export type ServerLatency = (typeof serverLatencies)[number];

/** An engine's names for its figures. */
export interface MetricNames {
  readonly names: Partial<Readonly<Record<EngineQuantity | ServerCounter, PublishedName>>>;
  /** Counters of prompt tokens by source. */
  readonly promptTokensFrom?: Partial<Readonly<Record<PromptSource, LabelledCounter>>>;
  /** Histograms in seconds, with one observation per request; for ITL, one per token. */
  readonly latencies?: Partial<Readonly<Record<ServerLatency, PublishedName>>>;
  readonly draftPositions?: DraftPositions;
}

/** A place where metrics are published. */
export interface MetricsPlace {
  /** For display: without credentials. */
  readonly url: string;
  /** Returns the text in Prometheus format. Throws with a readable message if there is none within `timeoutMs`. */
  readonly read: (timeoutMs: number) => Promise<string>;
}

/** Where an engine publishes its figures, and its names for ours. Several places belong to the same server. */
export interface PublishedMetrics extends MetricNames {
  readonly places: readonly MetricsPlace[];
}

export function namesOf(name: PublishedName): readonly string[] {
  return typeof name === 'string' ? [name] : name;
}
