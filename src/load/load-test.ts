import { type ArrivalSpec, steadyRate } from './arrivals/index.ts';
import type { BackendName } from './backends/index.ts';
import type { DatasetSpec } from './datasets/index.ts';
import { parseServerUrl } from './http/server-url.ts';
import { type ShardNumber, shardPart } from './shards.ts';

/** Bounds on the latencies of one reply, milliseconds. */
export interface Slos {
  readonly ttft?: number;
  readonly tpot?: number;
  readonly e2el?: number;
}

export const defaultPercentiles: readonly number[] = [90, 99, 99.9];

/** One load test: plain data, JSON-ready but for an infinite `requestRate`. */
export interface LoadTest {
  /**
   * Where the server listens, e.g. `http://127.0.0.1:8000` or `unix:///run/engine.sock`; a path prefix, a query, and a
   * user name and password go with every request.
   */
  readonly baseUrl: string;
  readonly backend: BackendName;
  /** The path to post to, perhaps with a query, if it is not the backend's own. */
  readonly endpoint?: string;
  /** The model's name as the server knows it. */
  readonly model: string;
  /** What the result calls the model, where that is not `model`. */
  readonly modelId?: string;
  /** Recorded in the result. */
  readonly tokenizerId: string;
  /** A Hugging Face `tokenizer.json`: synthetic prompts are then texts of exact length by this tokenizer. */
  readonly tokenizerFile?: string;
  readonly dataset: DatasetSpec;
  /** What a reader of the result should know of what was sent, in sentences; kept in it. */
  readonly notes?: readonly string[];
  readonly numPrompts: number;
  /** Streams in flight at most; Infinity for no bound, with a finite rate or arrivals. */
  readonly maxConcurrency: number;
  /** Nobody asked for a bound: `maxConcurrency` is only how many streams it takes to send everything at once. */
  readonly unbounded?: boolean;
  /** Requests per second; Infinity sends as soon as a stream is free. */
  readonly requestRate: number;
  /** Shape of the gamma distribution of gaps between sends: 1 is Poisson, below 1 burstier. */
  readonly burstiness: number;
  readonly seed: number;
  /** Asks the server to go on to the asked length whatever the model says. */
  readonly ignoreEos: boolean;
  /** Sends prompts as chat messages, so that the server applies the model's chat template. */
  readonly useChatTemplate: boolean;
  /** Requests sent and finished before the clock starts; they are in no figure. */
  readonly warmupRequests: number;
  /** A stream on which no byte arrives for so long is given up, seconds. */
  readonly stallTimeoutS: number;
  /** A connection that is not open after so long is given up, seconds. */
  readonly connectTimeoutS: number;
  /** Token ids to draw random prompts from, both included. Default 1,000 to 29,999: ordinary in every model of today. */
  readonly tokenIds?: { readonly low: number; readonly high: number };
  /** When requests are sent, for more than a rate; overrides `requestRate` and `burstiness`. */
  readonly arrivals?: ArrivalSpec;
  /** Service level objectives, milliseconds: a reply that meets all of them counts towards the goodput. */
  readonly goodput?: Slos;
  /** Adds histograms to the result, which results of other shards can be merged with. */
  readonly mergeable?: boolean;
  /** Which part of a larger test this is; recorded in the result. */
  readonly shard?: ShardNumber;
  /** Percentiles reported for every latency, in percent. Default: `defaultPercentiles`. */
  readonly percentiles?: readonly number[];
  /** Adds a list per request of input_lens, output_lens, ttfts, itls and errors (seconds) to the result. */
  readonly detailed?: boolean;
  /** `text` never sends token ids, for servers that take none. Default: ids where the backend has them. */
  readonly promptFormat?: 'text';
  /** How tokens are drawn (temperature, top_p, …), by the server's names; temperature 0 by default. */
  readonly sampling?: Readonly<Record<string, number>>;
  /** Asks for a count of tokens with every chunk (vLLM's `continuous_usage_stats`), which tells token gaps exactly. */
  readonly perChunkUsage?: boolean;
  /** More fields of each request's body. */
  readonly extraBody?: Readonly<Record<string, unknown>>;
  /** Fields of the body to leave out, one inside another as `stream_options.include_usage`. */
  readonly omitFields?: readonly string[];
  /** The field of the body that holds the tokens asked for, such as `max_completion_tokens`. */
  readonly tokenLimitField?: string;
  /** Asks for the log probabilities of each token and of so many others. */
  readonly logprobs?: number;
  /** Models of which each request names one, such as the adapters of a server with LoRA. */
  readonly models?: {
    readonly models: readonly string[];
    readonly assignment: 'random' | 'round-robin';
  };
  /** Each request is sent with an `x-request-id` of this and its number. */
  readonly requestIdPrefix?: string;
  /** Has the server profile itself while the clock runs, which slows it. */
  readonly profile?: boolean;
  /** A request that is not over after so long is given up, seconds; no bound by default. */
  readonly requestTimeoutS?: number;
  /** Threads to share the streams; by default one for every 2,048 streams, as far as there are cores. */
  readonly threads?: number;
  /** Takes any certificate of an https server, unchecked. */
  readonly insecure?: boolean;
  /** Extra request headers, e.g. an authorization; never written to the result. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a test is unless somebody says otherwise: the defaults of the command line and of the package. */
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
  /** A reply of a million tokens at 50 tok/s is over by then. */
  requestTimeoutS: 21_600,
} as const satisfies Partial<LoadTest>;

/** How an open loop sends; undefined for a closed loop. */
export function arrivalsOf(test: LoadTest): ArrivalSpec | undefined {
  return test.arrivals ?? steadyRate(test.requestRate, test.burstiness);
}

/**
 * How many streams a test, or its shard, has of those that are asked for together. Without a limit an open loop opens
 * what it needs, and a closed one sends all `numPrompts` of the shard at once.
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

/** Whether so many streams in flight, and no more, were asked for. */
export function hasBound({ maxConcurrency, unbounded = false }: LoadTest): boolean {
  return Number.isFinite(maxConcurrency) && !unbounded;
}

/** Whether a test's connections are encrypted, to whoever answers. */
export function takesAnyCertificate({ baseUrl, insecure = false }: LoadTest): boolean {
  return insecure && parseServerUrl(baseUrl).secure;
}
