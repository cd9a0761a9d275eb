import { type ArrivalSpec, steadyRate } from './arrivals/index.ts';
import type { BackendName } from './backends/index.ts';
import type { DatasetSpec } from './datasets/index.ts';
import type { QuestionsSpec } from './datasets/questions.ts';
import type { StopRules } from './ending/stop-rules.ts';
import { parseServerUrl } from './http/server-url.ts';
import type { Slo } from './search/slo.ts';
import { type ShardNumber, shardPart } from './shards.ts';

/** Upper bounds on the latencies of a reply, in milliseconds. */
export interface Slos {
  readonly ttft?: number;
  readonly tpot?: number;
  readonly e2el?: number;
}

/** How the server's prefix cache is emptied before a test. */
export interface CacheReset {
  /** Paths that engines offer for it; the first one that the server has is used. */
  readonly paths: readonly string[];
  /** Whether a server that cannot do it fails the test. */
  readonly required: boolean;
}

export const repliesInHistory = ['recorded', 'server'] as const;
export type RepliesInHistory = (typeof repliesInHistory)[number];

export const urlAssignments = ['session', 'round-robin'] as const;
export type UrlAssignment = (typeof urlAssignments)[number];

/** The URLs of all servers of a test. */
export function baseUrlsOf({
  baseUrl,
  otherBaseUrls = [],
}: Pick<LoadTest, 'baseUrl' | 'otherBaseUrls'>): readonly string[] {
  return [baseUrl, ...otherBaseUrls];
}

/** A test as seen by each of its servers. */
export function eachServerOf<Test extends Pick<LoadTest, 'baseUrl' | 'otherBaseUrls'>>(
  test: Test,
): readonly Omit<Test, 'otherBaseUrls'>[] {
  const { otherBaseUrls: _, ...shared } = test;
  return baseUrlsOf(test).map((baseUrl) => ({ ...shared, baseUrl }));
}

export const defaultPercentiles: readonly number[] = [90, 99, 99.9];

/** One load test as plain data; JSON-serializable except for an infinite `requestRate`. */
export interface LoadTest {
  /**
   * Where the server listens, e.g. `http://127.0.0.1:8000` or `unix:///run/engine.sock`. A path prefix, a query, and a
   * user name and password are sent with every request.
   */
  readonly baseUrl: string;
  /** Further servers that share the requests. */
  readonly otherBaseUrls?: readonly string[];
  /**
   * Which of several servers a request goes to: `session` sends all turns of a conversation to the same one,
   * `round-robin` each request to the next one. Default: `session`.
   */
  readonly urlAssignment?: UrlAssignment;
  /** The header that has the number of a request's conversation, for routers with session affinity. */
  readonly sessionHeader?: string;
  readonly backend: BackendName;
  /** The request path, optionally with a query, if it differs from the backend's default. */
  readonly endpoint?: string;
  /** The model name that the server expects. */
  readonly model: string;
  /** The model name in the result, if it differs from `model`. */
  readonly modelId?: string;
  /** Recorded in the result. */
  readonly tokenizerId: string;
  /** A Hugging Face `tokenizer.json`. Synthetic prompts are then texts of exact length by this tokenizer. */
  readonly tokenizerFile?: string;
  readonly dataset: DatasetSpec;
  /** Questions with known answers that replace some of its prompts. */
  readonly questions?: QuestionsSpec;
  /** Sentences about what was sent that a reader of the result should know; kept in the result. */
  readonly notes?: readonly string[];
  readonly numPrompts: number;
  /** Sends for this many seconds, or until `numPrompts` are sent; requests in flight then complete. */
  readonly durationS?: number;
  /**
   * Only requests sent this many seconds after the start of a test by time, and this many before its end, are in the
   * figures; throughput is that of the same window.
   */
  readonly warmupS?: number;
  readonly cooldownS?: number;
  /** Closed loop: streams start one after another, evenly over this many seconds. */
  readonly concurrencyRampS?: number;
  /** Rules that end the test early. */
  readonly stopWhen?: StopRules;
  /** Most streams in flight; Infinity for no limit, which requires a finite rate or `arrivals`. */
  readonly maxConcurrency: number;
  /** No limit was requested: `maxConcurrency` is only the number of streams needed to send everything at once. */
  readonly unbounded?: boolean;
  /** Requests per second; Infinity sends as soon as a stream is free. */
  readonly requestRate: number;
  /** Shape of the gamma distribution of the gaps between sends: 1 is Poisson, below 1 is burstier. */
  readonly burstiness: number;
  readonly seed: number;
  /** Asks the server to generate the requested length even if the model ends its reply earlier. */
  readonly ignoreEos: boolean;
  /**
   * Whose replies the history of a conversation has: the recorded or drawn ones (the default), so that all servers get
   * the same prompts, or the server's own.
   */
  readonly replies?: RepliesInHistory;
  /** Sends prompts as chat messages, so that the server applies the model's chat template. */
  readonly useChatTemplate: boolean;
  /** Requests sent and completed before the clock starts; they are in no figure. */
  readonly warmupRequests: number;
  /** A request fails if its stream receives no data for this long, in seconds. */
  readonly stallTimeoutS: number;
  /** Timeout for opening a connection, in seconds. */
  readonly connectTimeoutS: number;
  /**
   * Token ids to draw random prompts from, both inclusive. Default: 1,000 to 29,999, ordinary tokens in all current
   * models.
   */
  readonly tokenIds?: { readonly low: number; readonly high: number };
  /** Empties the server's prefix cache before the warm-up. */
  readonly cacheReset?: CacheReset;
  /** Tokens per block of the cache whose ideal hits are reported; 16 by default. */
  readonly cacheBlockTokens?: number;
  /** Also reports the ideal hits in a prefix cache of this many tokens. */
  readonly cacheTokens?: number;
  /** When requests are sent, for patterns other than a rate; overrides `requestRate` and `burstiness`. */
  readonly arrivals?: ArrivalSpec;
  /** Service level objectives in milliseconds; a reply that meets all of them counts as goodput. */
  readonly goodput?: Slos;
  /** Limits of percentiles, which the result says how far they were met. */
  readonly slos?: readonly Slo[];
  /** Adds the histograms to the result that are needed to merge it with results of other shards. */
  readonly mergeable?: boolean;
  /** Which part of a larger test this is; recorded in the result. */
  readonly shard?: ShardNumber;
  /** Percentiles reported for every latency, in percent. Default: `defaultPercentiles`. */
  readonly percentiles?: readonly number[];
  /** Adds lists per request to the result: input_lens, output_lens, ttfts, itls (both in seconds) and errors. */
  readonly detailed?: boolean;
  /** Keeps what `onRequests` needs of each request; texts only if asked for. */
  readonly recorded?: 'without-text' | 'with-text';
  /** `text` never sends token ids, for servers that reject them. Default: ids if the backend supports them. */
  readonly promptFormat?: 'text';
  /** Sampling parameters (temperature, top_p, …) under the server's names; temperature is 0 by default. */
  readonly sampling?: Readonly<Record<string, number>>;
  /** Requests a token count with every chunk (vLLM's `continuous_usage_stats`), which makes token gaps exact. */
  readonly perChunkUsage?: boolean;
  /** Additional fields of each request's body. */
  readonly extraBody?: Readonly<Record<string, unknown>>;
  /** Fields of the body to omit; nested ones are written like `stream_options.include_usage`. */
  readonly omitFields?: readonly string[];
  /** The body field for the number of tokens to generate, such as `max_completion_tokens`. */
  readonly tokenLimitField?: string;
  /** Requests log probabilities for each token and this many alternatives. */
  readonly logprobs?: number;
  /** Several models; each request uses one of them, such as the adapters of a LoRA server. */
  readonly models?: {
    readonly models: readonly string[];
    /** The relative share of each model when they are assigned at random; equal by default. */
    readonly shares?: readonly number[];
    readonly assignment: 'random' | 'round-robin';
  };
  /** Each request is sent with an `x-request-id` of this prefix and its number. */
  readonly requestIdPrefix?: string;
  /** Profiles the server while the clock runs, which slows it down. */
  readonly profile?: boolean;
  /** Stops the profiler this many seconds after the first request; default: at the end of the test. */
  readonly profileS?: number;
  /** Timeout for a whole request, in seconds; none by default. */
  readonly requestTimeoutS?: number;
  /** Threads that share the streams; by default one for every 2,048 streams, up to the number of cores. */
  readonly threads?: number;
  /** Accepts any certificate of an https server, unchecked. */
  readonly insecure?: boolean;
  /** Additional request headers, e.g. an authorization; never written to the result. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The defaults of the command line and of the package. */
export const loadTestDefaults = {
  backend: 'openai',
  requestRate: Number.POSITIVE_INFINITY,
  burstiness: 1,
  seed: 0,
  ignoreEos: false,
  useChatTemplate: false,
  warmupRequests: 0,
  stallTimeoutS: 600,
  connectTimeoutS: 30,
  /** Enough for a reply of a million tokens at 50 tok/s. */
  requestTimeoutS: 21_600,
} as const satisfies Partial<LoadTest>;

/** How an open loop sends; undefined for a closed loop. */
export function arrivalsOf(
  test: Pick<LoadTest, 'arrivals' | 'requestRate' | 'burstiness'>,
): ArrivalSpec | undefined {
  return test.arrivals ?? steadyRate(test.requestRate, test.burstiness);
}

/**
 * The streams of a test or its shard, for a concurrency over all shards. Without a limit, an open loop opens as many as
 * it needs, and a closed loop sends all `numPrompts` of the shard at once.
 */
export function streamsAsked(
  concurrency: number | undefined,
  {
    numPrompts,
    shard,
    isOpenLoop,
  }: Pick<LoadTest, 'numPrompts' | 'shard'> & { readonly isOpenLoop: boolean },
): Pick<LoadTest, 'maxConcurrency' | 'unbounded'> {
  if (concurrency !== undefined) return { maxConcurrency: shardPart(concurrency, shard) };
  return { maxConcurrency: isOpenLoop ? Number.POSITIVE_INFINITY : numPrompts, unbounded: true };
}

/** Whether a concurrency limit was requested. */
export function hasBound({
  maxConcurrency,
  unbounded = false,
}: Pick<LoadTest, 'maxConcurrency' | 'unbounded'>): boolean {
  return Number.isFinite(maxConcurrency) && !unbounded;
}

/** Whether the test connects with TLS but does not check the server's certificate. */
export function takesAnyCertificate({ insecure = false, ...test }: LoadTest): boolean {
  return insecure && baseUrlsOf(test).some((url) => parseServerUrl(url).secure);
}
