import { z } from 'zod';
import { defined } from '../../defined/defined.ts';
import { type Claim, type Figures, figuresOf, type Restatement, UnreadableError } from './claim.ts';
import { isClose } from './doubt.ts';
import {
  concurrency,
  named,
  numeric,
  numericOrNone,
  type ResultFormat,
  requestRate,
  startOf,
} from './format.ts';

const distribution = z.record(z.string(), numericOrNone).nullish();
const counted = z.looseObject({ total: numericOrNone, mean: numericOrNone }).nullish();

const reportSchema = z.looseObject({
  benchmark_time_seconds: numericOrNone,
  load_summary: z.looseObject({
    count: numericOrNone,
    requested_rate: z.unknown().optional(),
    concurrency,
  }),
  successes: z.looseObject({
    count: numeric,
    latency: z.looseObject({
      request_latency: distribution,
      time_per_output_token: distribution,
      time_to_first_token: distribution,
      inter_token_latency: distribution,
    }),
    throughput: z.looseObject({
      input_tokens_per_sec: numericOrNone,
      output_tokens_per_sec: numeric,
      total_tokens_per_sec: numericOrNone,
      requests_per_sec: numericOrNone,
    }),
    output_len: counted,
    output_tokens: counted,
  }),
  failures: z.looseObject({ count: numericOrNone }).nullish(),
});
type Report = z.infer<typeof reportSchema>;

/** inference-perf's report of a stage or of all of them together, in seconds. It contains neither the model nor the time. */
export const inferencePerf: ResultFormat = {
  tool: 'inference-perf',
  title: "inference-perf's stage_N_ or summary_lifecycle_metrics.json",
  marks: ['load_summary', 'successes', 'failures'],
  also: ({ successes }) => 'latency' in Object(successes),
  read: (document, context) => {
    const report = reportSchema.parse(document);
    const { load_summary: load, successes, failures } = report;
    const model = named(context.model);
    const { count: completed, throughput, latency } = successes;
    const durationS = durationOf(report);
    const rate = requestRate(load.requested_rate);
    const outputTokens = Math.round(throughput.output_tokens_per_sec * durationS);
    const inputRate = throughput.input_tokens_per_sec;
    return [
      {
        tool: 'inference-perf',
        startedAt: startOf(context.writtenAt, durationS),
        backend: 'inference-perf',
        model,
        tokenizer: model,
        requestRate: load.concurrency === null ? rate : 'inf',
        burstiness: 1,
        maxConcurrency: context.concurrency ?? load.concurrency,
        durationS,
        asked: load.count ?? null,
        completed,
        failed: failures?.count ?? null,
        inputTokens: inputRate === undefined ? null : Math.round(inputRate * durationS),
        outputTokens,
        rates: figuresOf({
          requests: throughput.requests_per_sec,
          inputTokens: inputRate,
          outputTokens: throughput.output_tokens_per_sec,
          totalTokens: throughput.total_tokens_per_sec,
        }),
        restatements: lengthsOf(report, outputTokens),
        latencies: latenciesOf(latency),
        names: {
          ttft: 'time_to_first_token',
          tpot: 'time_per_output_token',
          itl: 'inter_token_latency',
          e2el: 'request_latency',
        },
        reasons: rate === null && load.concurrency === null ? ['it may cover several load stages'] : [],
      },
    ];
  },
};

function durationOf({ benchmark_time_seconds: seconds, successes: { count, throughput } }: Report): number {
  if (seconds !== undefined) return seconds;
  const { requests_per_sec: requestsPerSecond } = throughput;
  if (requestsPerSecond !== undefined) return count / requestsPerSecond;
  throw new UnreadableError(
    'the duration is missing: neither benchmark_time_seconds nor successes.throughput.requests_per_sec is present',
  );
}

/** The length of replies by the client's tokenizer and by the server's usage: throughput is based on one of the two. */
function lengthsOf({ successes }: Report, outputTokens: number): Restatement[] {
  const { count, output_len: byClient, output_tokens: byServer } = successes;
  const totals = [
    { field: 'output_len', value: byClient?.mean === undefined ? undefined : byClient.mean * count },
    { field: 'output_tokens', value: byServer?.total },
  ];
  const known = totals.flatMap(({ field, value }) =>
    value === undefined ? [] : [{ field, value, follows: outputTokens }],
  );
  return known.some(({ value }) => isClose(value, outputTokens)) ? [] : known;
}

function latenciesOf(latency: Report['successes']['latency']): Claim['latencies'] {
  const all = {
    ttft: figuresIn(latency.time_to_first_token),
    tpot: figuresIn(latency.time_per_output_token),
    itl: figuresIn(latency.inter_token_latency),
    e2el: figuresIn(latency.request_latency),
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([metric, figures]) => (figures === undefined ? [] : [[metric, figures]])),
  );
}

function figuresIn(stated: z.infer<typeof distribution>): Figures | undefined {
  if (stated == null) return undefined;
  const { p50, ...others } = stated;
  return figuresOf({ ...defined({ median: p50 }), ...others }, 1000);
}
