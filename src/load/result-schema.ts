/**
 * The schema of a raw result: every field with its unit. The types are inferred from it, writers and readers import it,
 * and `schemas/raw-result.schema.json` is made from it.
 */
import { z } from 'zod';
import { eachDoubt } from './fidelity/doubts.ts';
import { verdicts } from './fidelity/verdict-names.ts';

/** A value as it is read: nobody changes a result. */
type Kept<T> = T extends object ? { readonly [K in keyof T]: Kept<T[K]> } : T;
type Percentiles<Suffix extends string> = Readonly<Record<`p${number}${Suffix}_ms`, number | null>>;

/** The latencies of vLLM's `bench serve`, which are at top level. */
type PublicMetric = 'ttft' | 'tpot' | 'itl' | 'e2el';

/** A figure that may not be known, or not defined: a reply of one token has no TPOT. */
const figure = z.number().nullable();
const count = z.int().min(0);
const figures = z.array(figure);

const metricFields = z.object({ mean_ms: figure, median_ms: figure, std_ms: figure });
/** The figures of one metric in milliseconds, over the replies that have it; null each if none has. */
export type MetricFigures = Kept<z.output<typeof metricFields>> & Percentiles<''>;
const metricFigures: z.ZodType<MetricFigures> = metricFields.catchall(figure);

const visibleTextFields = metricFields.extend({
  replies: count,
  differ: count.describe('Replies in which it is not the time to the first token'),
});
/** When replies began to be visible, from the same start as TTFT; over the replies that did. */
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
/** A histogram as it is written. */
export type HistogramJson = Kept<z.output<typeof histogram>>;

const distribution = z.object({
  edges_ms: z
    .array(z.number())
    .describe(
      'One more than there are counts, ascending, with five significant digits; empty without samples',
    ),
  counts: z.array(count),
});
/**
 * Samples counted in buckets whose edges grow by a constant factor, from the 0.1st to the 99.9th percentile, and in a
 * first and a last bucket, which reach to the least and the greatest sample. Percentiles are not to be read off here: the
 * result's own are exact.
 */
export type Distribution = Kept<z.output<typeof distribution>>;

const timeline = z.object({
  interval_s: z.number().positive(),
  request_throughput: z.array(z.number()).describe('Replies completed in the interval, per second'),
  output_throughput: figures.describe(
    "Output tokens per second, each reply's tokens spread evenly between its first and its last; null in an interval with a reply whose tokens or times are not known",
  ),
  in_flight: z.array(z.number()).describe('Mean requests in flight'),
  failed: z.array(count).describe('Requests that failed in the interval'),
  median_ttft_ms: figures.describe('Of the replies whose first token came in the interval; null without one'),
  median_tpot_ms: figures.describe('Of the replies whose last token came in the interval; null without one'),
});
/**
 * How a run went, in intervals of equal length from its first send on (the last one is cut off by the end): one
 * number per interval in every list. Figures have four significant digits.
 */
export type Timeline = Kept<z.output<typeof timeline>>;

const steadyState = z.object({
  method: z.literal('MSER-5 to the last send'),
  from_s: z.number().describe("Seconds after the first request's start"),
  to_s: z.number(),
  requests: count,
  median_ttft_ms: figure,
  median_tpot_ms: figure,
  median_e2el_ms: figure,
  output_throughput: figure.describe(
    "Tokens per second, each reply's tokens spread evenly between its first and its last",
  ),
});
/**
 * Figures of the part of a run that was in a steady state; see `steadyWindow` for how it is found. null if no reply in it
 * has the figure, or, for the throughput, if the tokens or times of a reply are not known.
 */
export type SteadyState = Kept<z.output<typeof steadyState>>;

const goodput = z.object({
  met: count.describe('Replies that met every objective; one that has no TPOT cannot miss one for TPOT'),
  met_without_tpot: count.describe(
    'Of those, replies of one token, which have no TPOT, in a test with an objective for it',
  ),
  not_known: count.describe(
    'Replies that lack a figure with an objective and miss no other: they may have met all or not',
  ),
});
/** How many replies met every objective, and of how many that is not sure. */
export type Goodput = Kept<z.output<typeof goodput>>;

const prefixCache = z.object({
  replies: count.describe('Completed replies that say how many tokens of their prompt came from it'),
  cached_tokens: count.nullable().describe('Of those replies; null if there are none'),
  prompt_tokens: count
    .nullable()
    .describe('Of those replies; null if there are none, or the prompt length of one is not known'),
  share: figure.describe('Cached tokens over prompt tokens, 0 to 1'),
});
/** What the server said of its prefix cache. */
export type PrefixCache = Kept<z.output<typeof prefixCache>>;

const tokenizerCheck = z.object({ replies: count, usage_tokens: count, tokenizer_tokens: count });
/** What the server counted in some replies, and what the tokenizer counts in their texts. */
export type TokenizerCheck = Kept<z.output<typeof tokenizerCheck>>;

const addressUse = z.object({
  address: z.string(),
  requests: count.describe('Requests of the measured part that were sent to it'),
  skipped: z.string().exactOptional().describe('Why it was left out before the test began'),
});
/** What one of several addresses of a name got of a test. */
export type AddressUse = Kept<z.output<typeof addressUse>>;

const fidelity = z.object({
  verdict: z
    .enum(verdicts)
    .describe('suspect: use with the reasons in mind. invalid: not a measurement of what was asked.'),
  reasons: z
    .array(z.string())
    .describe('Every threshold that was crossed, in words, the gravest first; empty if none was'),
  asked_concurrency: figure.describe('null without a limit'),
  achieved_concurrency: z
    .number()
    .describe('Mean requests in flight while as many as were asked for could be in flight'),
  peak_concurrency: z.number(),
  loop_lag_ms: z
    .object({ p50: z.number(), p99: z.number(), max: z.number() })
    .describe("How late the client's event loop ran, in the worst thread"),
  late_sends: count.describe('Sends more than 1 ms after their time, at a request rate'),
  send_delay_p99_ms: figure.describe('null without a request rate: such sends have no time of their own'),
  client_cpu_share: z
    .number()
    .describe("CPU time of the client's process over wall-clock time: 1 is one core"),
  client_threads: z.int().min(1),
  clock_resolution_ms: z.number(),
  reconnects: count.describe('Connections that had to be opened while the clock ran'),
  replies_counted_by_tokenizer: count,
  replies_of_several_choices: count,
  tokenizer_check: tokenizerCheck.exactOptional(),
  unknown_first_tokens: count.describe('Replies whose time of the first token is not known'),
  unknown_input_lengths: count.describe('Replies whose number of prompt tokens is not known'),
  unknown_output_lengths: count.describe('Replies whose number of output tokens is not known'),
  failures_after_last_reply_s: z
    .number()
    .describe('How long after the last reply the last failure ended: this time is not in the duration'),
  cached_share_of_random_prompts: figure.describe(
    "The share of random prompts' tokens that the server says it had in its prefix cache",
  ),
  addresses: z.array(addressUse).exactOptional().describe("Only if the server's name has several addresses"),
  asked_rate: z.number().exactOptional().describe('Sends per second as they were due, at a request rate'),
  achieved_rate: z.number().exactOptional().describe('Sends per second as they were'),
  beyond_server_ms: z
    .object({ ttft: figure, tpot: figure, itl: figure, e2el: figure })
    .exactOptional()
    .describe(
      "The client's mean less the server's own: what the network, the server's HTTP layer and the client add. null where the server has no such figure, or not of the same requests; not there if its metrics were not read",
    ),
  ...eachDoubt(() => count),
});
/** How far the figures of a result can be from the truth, and why. */
export type Fidelity = Kept<z.output<typeof fidelity>>;

const perRequest = {
  input_lens: figures.exactOptional(),
  output_lens: figures.exactOptional(),
  ttfts: figures.exactOptional().describe('Seconds; null for a request that failed'),
  itls: z.array(z.array(z.number())).exactOptional().describe('Gaps between tokens, seconds'),
  errors: z.array(z.string()).exactOptional().describe('Empty text if there was no error'),
  start_times: figures.exactOptional().describe('Seconds since 1970, as all times'),
  first_token_times: figures.exactOptional(),
  last_token_times: figures.exactOptional(),
  end_times: figures.exactOptional().describe('When the request was over'),
  generated_texts: z
    .array(z.string().nullable())
    .exactOptional()
    .describe('null beyond the first 67 million characters of a thread, and for a request that failed'),
};

const latencyDistributions = {
  ttft: distribution,
  tpot: distribution,
  itl: distribution,
  e2el: distribution,
  chunk_gap: distribution,
};

/** Every named field; percentiles come beside them. Readers pick what they read. */
export const rawResultFields = z.object({
  date: z.string().describe('Local time, YYYYMMDD-HHMMSS'),
  backend: z.string(),
  model_id: z.string(),
  tokenizer_id: z.string(),
  num_prompts: count,
  request_rate: z.union([z.number(), z.literal('inf')]).describe('Requests per second'),
  burstiness: z.number(),
  max_concurrency: count.nullable().describe('null without a limit'),
  duration: z.number().describe('Seconds from the first send to the end of the last request that completed'),
  completed: count,
  total_input_tokens: count
    .nullable()
    .describe('Of completed requests, as sent; null if the length of any is not known'),
  total_output_tokens: count.nullable(),
  request_throughput: z.number().describe('Completed requests per second'),
  request_goodput: figure
    .exactOptional()
    .describe('Replies per second that met every objective; null if that is not known of some'),
  output_throughput: figure.describe('Output tokens per second'),
  total_token_throughput: figure.describe('Input and output tokens per second'),
  ...publicFigures.shape,
  ...perRequest,
  failed: count,
  goodput: goodput.exactOptional(),
  troubles: z
    .array(
      z.object({
        class: z.string(),
        count,
        example: z.string(),
        failed: z.boolean().describe('Whether a request in this trouble counts as failed'),
      }),
    )
    .describe('Every kind of trouble that was met'),
  chunk_gap: metricFigures.describe('Gaps between chunks as they came; itl is gaps between tokens'),
  chunks: count,
  interactivity: z
    .object({ mean: figure, std: figure })
    .describe('1000 / TPOT of each reply that has one, tok/s/user; its std does not follow from std_tpot_ms'),
  first_text: visibleTextFigures.describe('Time to the first visible text'),
  first_answer: visibleTextFigures.describe(
    'Time to the first token of the answer, of replies that reason before it',
  ),
  prefix_cache: prefixCache,
  gap_quantile_error: z
    .number()
    .describe('The relative error of the percentiles of itl and chunk_gap, 0 if exact; all others are exact'),
  from_send: z
    .object({ ttft: metricFigures, e2el: metricFigures })
    .exactOptional()
    .describe(
      'At a request rate, latencies from the actual send; the public ones count from the scheduled send',
    ),
  steady_state: steadyState
    .exactOptional()
    .describe('Figures of the steady part of the run; the public ones are of all of it'),
  confidence_95: z
    .record(z.string(), z.tuple([z.number(), z.number()]))
    .describe(
      '95 % confidence intervals by the moving-block bootstrap, [low, high], by the name of the figure',
    ),
  timeline: timeline.describe('How the run went over time, in at most 120 intervals'),
  distributions: z
    .object(latencyDistributions)
    .describe('The latencies as histograms of at most 66 buckets, for drawing'),
  shard: z
    .object({ number: z.int().min(1), of: z.int().min(1) })
    .exactOptional()
    .describe('Which part of a larger test this is, from 1'),
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
    .describe('Samples in milliseconds, of a result that can be merged with others'),
  started_at: z.number().describe('Start of the measurement, seconds since 1970'),
  seed: z.int(),
  notes: z
    .array(z.string())
    .exactOptional()
    .describe('What of a data set was left out, sent again or changed'),
  warmup_requests: count,
  insecure: z.literal(true).exactOptional().describe("The server's certificate was not checked"),
  fidelity,
  partial: z
    .literal(true)
    .exactOptional()
    .describe('The test was stopped early: the figures cover what was done'),
});

/**
 * What a load test measured: the fields of vLLM's `bench serve` (contract §4) and ours. A latency is at top level as
 * `<figure>_<metric>_ms` for the public metrics only (ttft, tpot, itl, e2el); what is ours is nested. null is not known,
 * or not defined: a test of replies of one token has no TPOT.
 */
export type RawResult = Kept<z.output<typeof rawResultFields>> & Percentiles<`_${PublicMetric}`>;

const publicPercentiles = z.looseRecord(z.string().regex(/^p[\d.]+_(ttft|tpot|itl|e2el)_ms$/), figure);

/**
 * Reads a raw result as `bench serve` and `runLoadTest` write it. Other fields are kept: a saved file also has a label,
 * metadata, telemetry or provenance.
 *
 *     const result = rawResultSchema.parse(JSON.parse(await readFile('result.json', 'utf8')));
 */
export const rawResultSchema: z.ZodType<RawResult> = z.intersection(
  rawResultFields.loose(),
  publicPercentiles,
);
