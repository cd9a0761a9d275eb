/**
 * The schema of a raw result: every field with its unit. Types are inferred from it, writers and readers import it, and
 * `schemas/raw-result.schema.json` is generated from it.
 */
import { z } from 'zod';
import { agenticFields } from './agentic/result-fields.ts';
import { endings } from './ending/ending-names.ts';
import { eachDoubt } from './fidelity/doubts.ts';
import { verdicts } from './fidelity/verdict-names.ts';
import { loadKinds } from './search/levels.ts';
import { searchStates } from './search/limit.ts';
import { sloMetrics } from './search/slo.ts';

/** A read-only view: results are never modified after reading. */
type Kept<T> = T extends object ? { readonly [K in keyof T]: Kept<T[K]> } : T;
type Percentiles<Suffix extends string> = Readonly<Record<`p${number}${Suffix}_ms`, number | null>>;

/** The latencies of vLLM's `bench serve`, which are at top level. */
type PublicMetric = 'ttft' | 'tpot' | 'itl' | 'e2el';

/** A figure that may be unknown or undefined: a reply of one token has no TPOT. */
const figure = z.number().nullable();
const count = z.int().min(0);
const figures = z.array(figure);

const metricFields = z.object({ mean_ms: figure, median_ms: figure, std_ms: figure });
/** Figures of one metric in milliseconds, over the replies that have it; each is null if none has. */
export type MetricFigures = Kept<z.output<typeof metricFields>> & Percentiles<''>;
const metricFigures: z.ZodType<MetricFigures> = metricFields.catchall(figure);

const visibleTextFields = metricFields.extend({
  replies: count,
  differ: count.describe('Replies in which it differs from the time to the first token'),
});
/** When replies became visible, from the same start as TTFT, over the replies that showed text. */
export type VisibleTextFigures = Kept<z.output<typeof visibleTextFields>> & Percentiles<''>;
const visibleTextFigures: z.ZodType<VisibleTextFigures> = visibleTextFields.catchall(figure);

/** `mean_ttft_ms`, `median_ttft_ms`, `std_ttft_ms` and so on. */
const publicFigures = z.object({
  mean_ttft_ms: figure.describe('Time to first token'),
  median_ttft_ms: figure,
  std_ttft_ms: figure,
  mean_tpot_ms: figure.describe('Time per output token after the first'),
  median_tpot_ms: figure,
  std_tpot_ms: figure,
  mean_itl_ms: figure.describe('Gap between tokens'),
  median_itl_ms: figure,
  std_itl_ms: figure,
  mean_e2el_ms: figure.describe('Time from the start of a request to its last token'),
  median_e2el_ms: figure,
  std_e2el_ms: figure,
});

/** The public figures by name, without percentiles. */
export type PublicFigures = Kept<z.output<typeof publicFigures>>;

const histogram = z.object({
  zeros: count.describe('Samples of 0 or below'),
  sum: z.number(),
  sum_of_squares: z.number(),
  max: figure.describe('null if there are no samples'),
  buckets: z.array(z.tuple([z.int(), count])).describe('Bucket number and count, ascending'),
});
/** A histogram in its JSON form. */
export type HistogramJson = Kept<z.output<typeof histogram>>;

const distribution = z.object({
  edges_ms: z
    .array(z.number())
    .describe('One more than counts, ascending, five significant digits; empty if there are no samples'),
  counts: z.array(count),
});
/**
 * Samples counted in buckets. Edges grow by a constant factor from the 0.1st to the 99.9th percentile; the first and
 * the last bucket extend to the smallest and the largest sample. For drawing only: the result contains exact
 * percentiles.
 */
export type Distribution = Kept<z.output<typeof distribution>>;

const timeline = z.object({
  interval_s: z.number().positive(),
  request_throughput: z.array(z.number()).describe('Replies completed in the interval, per second'),
  output_throughput: figures.describe(
    "Output tokens per second, each reply's tokens spread evenly between its first and last; null if the tokens or times of a reply in the interval are unknown",
  ),
  in_flight: z.array(z.number()).describe('Mean requests in flight'),
  failed: z.array(count).describe('Requests that failed in the interval'),
  median_ttft_ms: figures.describe(
    'Over replies whose first token came in the interval; null if there are none',
  ),
  median_tpot_ms: figures.describe(
    'Over replies whose last token came in the interval; null if there are none',
  ),
});
/**
 * The course of a run in intervals of equal length from its first send (the last one is cut off by the end). Each list
 * has one number per interval, with four significant digits.
 */
export type Timeline = Kept<z.output<typeof timeline>>;

const sentArrivals = z.object({
  kind: z.string(),
  stages: z
    .array(
      z.object({
        from_rate: z.number().exactOptional(),
        rate: z.number().describe('Requests per second, at the end if it changes'),
        seconds: z.number(),
        shape: z.enum(['linear', 'exponential']).exactOptional(),
      }),
    )
    .exactOptional(),
});

const steadyState = z.object({
  method: z.literal('MSER-5 to the last send'),
  from_s: z.number().describe('Seconds after the start of the test'),
  to_s: z.number(),
  requests: count,
  median_ttft_ms: figure,
  median_tpot_ms: figure,
  median_e2el_ms: figure,
  output_throughput: figure.describe(
    "Tokens per second, each reply's tokens spread evenly between its first and last",
  ),
});
/**
 * Figures of the part of a run in steady state; `steadyWindow` describes how it is found. null if no reply in it has
 * the figure, or, for the throughput, if the tokens or times of a reply are unknown.
 */
export type SteadyState = Kept<z.output<typeof steadyState>>;

const goodput = z.object({
  met: count.describe(
    'Replies that met every objective, of requests that were due in the window; a reply without a TPOT cannot miss an objective for it',
  ),
  met_without_tpot: count.describe(
    'Of these, replies of one token, which have no TPOT, if there is an objective for TPOT',
  ),
  not_known: count.describe(
    'Replies that lack a figure with an objective and missed no other, so it is unknown whether they met all',
  ),
});
/** How many replies met every objective, and for how many this is unknown. */
export type Goodput = Kept<z.output<typeof goodput>>;

const sloFigures = z.object({
  requests: count.describe('Requests that completed or failed, if they were due in the window'),
  attainment: figure.describe(
    'Share of these that met every limit, 0 to 1; null if this is unknown for some. A failed request met none',
  ),
  limits: z.array(
    z.object({
      metric: z.enum(sloMetrics),
      percentile: z
        .number()
        .exactOptional()
        .describe(
          'The SLO is that this percentile is within the limit; missing for --goodput, which has none',
        ),
      limit_ms: z.number().positive(),
      met: count.describe('Requests within the limit; a reply without a TPOT is within any limit of it'),
      not_known: count.describe('Replies that lack the figure'),
      design_effect: z
        .number()
        .min(1)
        .describe(
          'How many requests are worth one independent request, as requests in a queue miss together',
        ),
    }),
  ),
});
/** How the requests of a test met its limits. */
export type SloFigures = Kept<z.output<typeof sloFigures>>;

const loadEnds = z.tuple([figure, figure]);
const searchFigures = z.object({
  load: z.enum(loadKinds).describe('What was varied: concurrency, or requests per second'),
  slos: z.array(z.string()),
  state: z
    .enum(searchStates)
    .describe(
      'found: between the two loads of the bracket. none: even the lowest load misses. beyond: even the highest holds. stopped: the requests ran out first',
    ),
  bracket: loadEnds.describe(
    'The highest load that likely holds, the lowest that likely misses; null for none',
  ),
  interval: loadEnds.describe('The same, but shown at the confidence'),
  confidence: z.number(),
  resolution: z.number().describe('How far the ends of the bracket may be apart: 0.05 is 5 %'),
  monotone: z.boolean().describe('false if a load that holds is above one that misses'),
  requests: count.describe('Sent in all tests'),
  tests: z
    .array(
      z.object({
        level: z.number(),
        requests: count,
        met: z.array(count).describe('Requests within each SLO'),
      }),
    )
    .describe('In the order in which they ran'),
});
/** The answer of a search for the largest load within SLOs. */
export type SearchFigures = Kept<z.output<typeof searchFigures>>;

const prefixCache = z.object({
  replies: count.describe('Completed replies that report how many of their prompt tokens were cached'),
  cached_tokens: count.nullable().describe('Over these replies; null if there are none'),
  prompt_tokens: count
    .nullable()
    .describe('Over these replies; null if there are none, or a prompt length is unknown'),
  share: figure.describe('Cached tokens over prompt tokens, 0 to 1'),
});
/** What the server reported about its prefix cache. */
export type PrefixCache = Kept<z.output<typeof prefixCache>>;

const idealPrefixCache = z.object({
  block_tokens: z.int().min(1).describe('Tokens per block; only whole blocks are hits'),
  cached_tokens: count
    .nullable()
    .describe('Prompt tokens that a prefix cache of unlimited size could have served; null if estimated'),
  prompt_tokens: count.nullable().describe('Of all prompts that were sent; null if estimated'),
  share: figure.describe('Cached tokens over prompt tokens, 0 to 1'),
  estimated: z
    .literal(true)
    .exactOptional()
    .describe('Texts were compared instead of tokens, at four bytes per token'),
  cache_tokens: count.exactOptional().describe('Size of a limited cache'),
  share_in_cache: figure
    .exactOptional()
    .describe('The same share in a cache of cache_tokens that discards the least recently used blocks'),
});
/** What a prefix cache that was empty at the start could have served of the prompts, in the order of sending. */
export type IdealPrefixCache = Kept<z.output<typeof idealPrefixCache>>;

const partFigures = z.object({
  name: z.string(),
  requests: count.describe('Requests that were sent'),
  completed: count,
  failed: count,
  request_throughput: z.number().describe('Completed requests per second'),
  input_throughput: figure.describe('Input tokens per second'),
  output_throughput: figure.describe('Output tokens per second'),
  ttft: metricFigures,
  tpot: metricFigures,
  e2el: metricFigures,
});
/** The figures of a part of the requests. */
export type PartFigures = Kept<z.output<typeof partFigures>>;

const pooling = z.object({
  unit: z.string().describe('What one result is: embedding, score, …'),
  results: count.describe('Over completed requests'),
  result_throughput: z.number().describe('Results per second'),
  input_throughput: figure.describe('Input tokens per second; null if any length is unknown'),
});
/** The figures of a server that generates nothing. */
export type PoolingFigures = Kept<z.output<typeof pooling>>;

const tokenizerCheck = z.object({ replies: count, usage_tokens: count, tokenizer_tokens: count });
/** Token counts of some replies by the server, and of their texts by the tokenizer. */
export type TokenizerCheck = Kept<z.output<typeof tokenizerCheck>>;

const addressUse = z.object({
  address: z.string(),
  requests: count.describe('Requests sent to it in the measured part'),
  skipped: z.string().exactOptional().describe('Why it was skipped before the test'),
});
/** How one of several addresses of a host name was used. */
export type AddressUse = Kept<z.output<typeof addressUse>>;

/** The part of a test by time that its figures are about. */
const windowSchema = z.object({
  from_s: z.number().describe('Seconds from the start of the test'),
  to_s: z.number(),
  outside: count.describe('Replies to requests sent before or after it, which are in no latency'),
});
const ended = z.object({
  reason: z
    .enum(endings)
    .describe('requests: all were sent; duration: the time was over; others: the rule that was met'),
  at_s: z.number().describe('When the last request could be sent, seconds from the start'),
  in_flight: count.describe('Requests in flight at that time; they were waited for'),
  abandoned: count.describe('Requests that were given up without a reply because the test was interrupted'),
  detail: z.string().exactOptional().describe('What was seen, if a rule ended the test'),
});
/** Why and how a test ended. */
export type EndedBy = Kept<z.output<typeof ended>>;

const fidelity = z.object({
  verdict: z
    .enum(verdicts)
    .describe('suspect: read the reasons before use. invalid: does not measure what was requested.'),
  reasons: z
    .array(z.string())
    .describe('Every threshold that was exceeded, in words, most serious first; empty if none was'),
  asked_concurrency: figure.describe('null without a limit'),
  achieved_concurrency: z
    .number()
    .describe('Mean requests in flight while enough requests remained to reach the requested concurrency'),
  peak_concurrency: z.number(),
  loop_lag_ms: z
    .object({ p50: z.number(), p99: z.number(), max: z.number() })
    .describe("How late the client's event loop ran, in the worst thread"),
  late_sends: count.describe('Sends more than 1 ms late, at a request rate'),
  send_delay_p99_ms: figure.describe('null without a request rate, because sends are then not scheduled'),
  client_cpu_share: z
    .number()
    .describe("CPU time of the client's process over wall-clock time: 1 is one core"),
  client_threads: z.int().min(1),
  clock_resolution_ms: z.number(),
  reconnects: count.describe('Connections opened while the clock was running'),
  replies_counted_by_tokenizer: count,
  replies_of_several_choices: count,
  tokenizer_check: tokenizerCheck.exactOptional(),
  unknown_first_tokens: count.describe('Replies whose first-token time is unknown'),
  unknown_input_lengths: count.describe('Replies whose prompt length is unknown'),
  unknown_output_lengths: count.describe('Replies whose output length is unknown'),
  failures_after_last_reply_s: z
    .number()
    .describe('Seconds from the last reply to the end of the last failure; not part of the duration'),
  cached_share_of_random_prompts: figure.describe(
    "Share of random prompts' tokens that the server reports as cached",
  ),
  cached_share_beyond_ideal: figure
    .exactOptional()
    .describe(
      'Share of prompt tokens that the server reports as cached, minus the share that was sent before in this test: above 0, the cache was not empty at the start. null if either is unknown; older results lack it',
    ),
  addresses: z.array(addressUse).exactOptional().describe("Only if the server's name has several addresses"),
  asked_rate: z.number().exactOptional().describe('Scheduled sends per second, at a request rate'),
  achieved_rate: z.number().exactOptional().describe('Actual sends per second'),
  beyond_server_ms: z
    .object({ ttft: figure, tpot: figure, itl: figure, e2el: figure })
    .exactOptional()
    .describe(
      "The client's mean minus the server's: time added by the network, the server's HTTP layer and the client. null if the server has no such figure, or not for the same requests; missing if its metrics were not read",
    ),
  ...eachDoubt(() => count),
});
/** How far the figures of a result can be from the truth, and why. */
export type Fidelity = Kept<z.output<typeof fidelity>>;

const perRequest = {
  input_lens: figures.exactOptional(),
  output_lens: figures.exactOptional(),
  cached_tokens: figures
    .exactOptional()
    .describe('Prompt tokens from the prefix cache, as the server reports them'),
  ttfts: figures.exactOptional().describe('Seconds; null for a request that failed'),
  itls: z.array(z.array(z.number())).exactOptional().describe('Gaps between tokens, seconds'),
  errors: z.array(z.string()).exactOptional().describe('Empty string if there was no error'),
  start_times: figures.exactOptional().describe('Seconds since 1970, like all times'),
  first_token_times: figures.exactOptional(),
  last_token_times: figures.exactOptional(),
  end_times: figures.exactOptional().describe('When the request ended'),
  generated_texts: z
    .array(z.string().nullable())
    .exactOptional()
    .describe('null for a failed request, and beyond the first 67 million characters of a thread'),
};

const latencyDistributions = {
  ttft: distribution,
  tpot: distribution,
  itl: distribution,
  e2el: distribution,
  chunk_gap: distribution,
};

/** All named fields; percentile fields are added to them. Readers pick the fields they need. */
export const rawResultFields = z.object({
  date: z.string().describe('Local time, YYYYMMDD-HHMMSS'),
  benchmark_start_time_unix: z
    .number()
    .exactOptional()
    .describe('Start of the period that the figures cover, seconds since 1970; older results lack it'),
  benchmark_end_time_unix: z
    .number()
    .exactOptional()
    .describe('This start and the duration; older results lack it'),
  backend: z.string(),
  model_id: z.string(),
  tokenizer_id: z.string(),
  num_prompts: count,
  request_rate: z
    .union([z.number(), z.literal('inf')])
    .nullable()
    .describe('Requests per second; inf in a closed loop, null if `arrivals` says when requests were sent'),
  burstiness: z
    .union([z.number(), z.literal('inf')])
    .describe('Shape of the gaps at a request rate: 1 is Poisson, inf is evenly spaced'),
  arrivals: sentArrivals
    .exactOptional()
    .describe('When requests were sent, if neither in a closed loop nor at one rate'),
  max_concurrency: count.nullable().describe('null without a limit'),
  duration: z
    .number()
    .describe(
      'Seconds from the first send to the end of the last request that completed, or those of the window',
    ),
  completed: count,
  total_input_tokens: count
    .nullable()
    .describe('Over completed requests, as sent; null if any length is unknown'),
  total_output_tokens: count.nullable(),
  request_throughput: z.number().describe('Completed requests per second'),
  request_goodput: figure
    .exactOptional()
    .describe(
      'Replies per second that met every objective, by the time when they ended; null if this is unknown for some',
    ),
  output_throughput: figure.describe('Output tokens per second'),
  total_token_throughput: figure.describe('Input and output tokens per second'),
  ...publicFigures.shape,
  ...perRequest,
  failed: count,
  servers: z
    .array(partFigures)
    .exactOptional()
    .describe('The figures of each server, if the test had several base URLs'),
  models: z
    .array(partFigures)
    .exactOptional()
    .describe('The figures of each model, if the test had several, such as LoRA adapters'),
  pooling: pooling
    .exactOptional()
    .describe(
      'Only for embeddings, rerank and other pooling, which have no tokens of output: TTFT, TPOT and ITL are null',
    ),
  goodput: goodput.exactOptional(),
  slo: sloFigures.exactOptional().describe('Only if the test had limits (--slo or --goodput)'),
  troubles: z
    .array(
      z.object({
        class: z.string(),
        count,
        example: z.string(),
        failed: z.boolean().describe('Whether a request with this trouble counts as failed'),
      }),
    )
    .describe('Every kind of trouble that occurred'),
  chunk_gap: metricFigures.describe('Gaps between chunks as they arrived; itl has the gaps between tokens'),
  chunks: count,
  interactivity: z
    .object({ mean: figure, std: figure })
    .describe(
      '1000 / TPOT of each reply that has one, tok/s/user; its std cannot be derived from std_tpot_ms',
    ),
  first_text: visibleTextFigures.describe('Time to the first visible text'),
  first_answer: visibleTextFigures.describe(
    'Time to the first token of the answer, over replies that reason first',
  ),
  prefix_cache: prefixCache,
  prefix_cache_reset: z
    .boolean()
    .exactOptional()
    .describe('Whether the server emptied its prefix cache before the test; missing if it was not asked to'),
  ideal_prefix_cache: idealPrefixCache
    .exactOptional()
    .describe('What an ideal prefix cache could have served; older results lack it'),
  agentic: agenticFields.exactOptional().describe('Only if sessions of coding agents were replayed'),
  gap_quantile_error: z
    .number()
    .describe('Relative error of the itl and chunk_gap percentiles, 0 if exact; all others are exact'),
  from_send: z
    .object({ ttft: metricFigures, e2el: metricFigures })
    .exactOptional()
    .describe(
      'At a request rate, latencies from the actual send; the public ones start at the scheduled send',
    ),
  steady_state: steadyState
    .exactOptional()
    .describe('Figures of the steady part of the run; the public ones cover all of it'),
  confidence_95: z
    .record(z.string(), z.tuple([z.number(), z.number()]))
    .describe('95 % confidence intervals [low, high] from the moving-block bootstrap, by name of the figure'),
  search: searchFigures
    .exactOptional()
    .describe('The search that this test ended: the other figures are those of the highest load that holds'),
  timeline: timeline.describe('The course of the run, in at most 120 intervals'),
  distributions: z
    .object(latencyDistributions)
    .describe('The latencies as histograms of at most 66 buckets, for drawing'),
  shard: z
    .object({ number: z.int().min(1), of: z.int().min(1) })
    .exactOptional()
    .describe('Which part of a larger test this is, numbered from 1'),
  histograms: z
    .object({
      ttft: histogram,
      tpot: histogram,
      itl: histogram,
      e2el: histogram,
      chunk_gap: histogram,
      first_text: histogram,
      first_answer: histogram,
    })
    .exactOptional()
    .describe('Samples in milliseconds, for merging with the results of other shards'),
  started_at: z.number().describe('Start of the measurement, seconds since 1970'),
  seed: z.int(),
  notes: z
    .array(z.string())
    .exactOptional()
    .describe('What was omitted from a data set, sent repeatedly or changed'),
  warmup_requests: count,
  ended_by: ended.exactOptional().describe('Missing in older results, and in merged ones'),
  window: windowSchema
    .exactOptional()
    .describe('The part whose requests are in the figures; missing if they are about the whole test'),
  insecure: z.literal(true).exactOptional().describe("The server's certificate was not checked"),
  fidelity,
  partial: z
    .literal(true)
    .exactOptional()
    .describe('The test was stopped early; the figures cover the part that ran'),
});

/**
 * The result of a load test: the fields of vLLM's `bench serve` (contract §4) and ours. Top-level latencies, named
 * `<figure>_<metric>_ms`, exist for the public metrics only (ttft, tpot, itl, e2el); our own figures are nested. null
 * means unknown or undefined: a test with one-token replies has no TPOT.
 */
export type RawResult = Kept<z.output<typeof rawResultFields>> & Percentiles<`_${PublicMetric}`>;

const publicPercentiles = z.looseRecord(z.string().regex(/^p[\d.]+_(ttft|tpot|itl|e2el)_ms$/), figure);

/**
 * Reads a raw result as written by `bench serve` and `runLoadTest`. Other fields are kept: a saved file also has a
 * label, metadata, telemetry or provenance.
 *
 *     const result = rawResultSchema.parse(JSON.parse(await readFile('result.json', 'utf8')));
 */
export const rawResultSchema: z.ZodType<RawResult> = z.intersection(
  rawResultFields.loose(),
  publicPercentiles,
);
