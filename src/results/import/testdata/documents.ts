import { defined } from '../../../defined/defined.ts';
import fc from 'fast-check';

/** One request, as measured by a client. */
interface Measured {
  readonly ttftMs: number;
  readonly gapsMs: readonly number[];
  readonly inputTokens: number;
}

/** A closed-loop test, from which the results of all tools are derived. */
export interface DocumentTruth {
  readonly requests: readonly Measured[];
  readonly streams: number;
  readonly failed: number;
  readonly durationS: number;
}

const request = (tpotMs: number): fc.Arbitrary<Measured> =>
  fc
    .record({
      ttftMs: fc.double({ min: tpotMs, max: 30 * tpotMs, noNaN: true }),
      pace: fc.double({ min: 0.8, max: 1.4, noNaN: true }),
      gaps: fc.array(fc.double({ min: 0.5, max: 1.5, noNaN: true }), { minLength: 1, maxLength: 12 }),
      inputTokens: fc.integer({ min: 1, max: 5000 }),
    })
    .map(({ ttftMs, pace, gaps, inputTokens }) => {
      const scale = (pace * tpotMs * gaps.length) / sum(gaps);
      return { ttftMs, inputTokens, gapsMs: gaps.map((gap) => gap * scale) };
    });

/** Random tests whose figures are consistent, because they follow from requests. */
export const truths: fc.Arbitrary<DocumentTruth> = fc
  .record({
    tpotMs: fc.double({ min: 0.5, max: 80, noNaN: true }),
    streams: fc.integer({ min: 1, max: 6 }),
    failed: fc.integer({ min: 0, max: 1 }),
  })
  .chain(({ tpotMs, streams, failed }) =>
    fc
      .array(request(tpotMs), { minLength: 4 * streams, maxLength: 8 * streams })
      .map((requests) => ({ requests, streams, failed, durationS: durationOf(requests, streams) })),
  );

/** Duration until the last stream is done; each stream sends its next request when the previous one is answered. */
function durationOf(requests: readonly Measured[], streams: number): number {
  const busyMs = new Array<number>(streams).fill(0);
  for (const each of requests) {
    const first = busyMs.indexOf(Math.min(...busyMs));
    busyMs[first] = (busyMs[first] ?? 0) + e2elMs(each);
  }
  return Math.max(...busyMs) / 1000;
}

const e2elMs = ({ ttftMs, gapsMs }: Measured): number => ttftMs + sum(gapsMs);

/** The samples of a latency, in milliseconds. */
export function samplesMs({ requests }: DocumentTruth, metric: 'ttft' | 'tpot' | 'itl' | 'e2el'): number[] {
  if (metric === 'itl') return requests.flatMap(({ gapsMs }) => gapsMs);
  return requests.map((each) => {
    if (metric === 'ttft') return each.ttftMs;
    return metric === 'e2el' ? e2elMs(each) : sum(each.gapsMs) / each.gapsMs.length;
  });
}

export function totalsOf({ requests, failed, durationS }: DocumentTruth) {
  const input = sum(requests.map(({ inputTokens }) => inputTokens));
  const output = sum(requests.map(({ gapsMs }) => gapsMs.length + 1));
  const completed = requests.length;
  return { input, output, completed, failed, asked: completed + failed, durationS };
}

export function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

/** A percentile, interpolated between samples like numpy does. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = (percent / 100) * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(rank)], sorted[Math.ceil(rank)]];
  if (low === undefined || high === undefined) throw new RangeError('no samples');
  return low + (high - low) * (rank - Math.floor(rank));
}

export function std(values: readonly number[]): number {
  const center = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - center) ** 2)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

type Json = Readonly<Record<string, unknown>>;

/** A tool's document about a test, and the latencies that it contains. */
export interface Writer {
  readonly tool: string;
  readonly metrics: readonly ('ttft' | 'tpot' | 'itl' | 'e2el')[];
  readonly document: (truth: DocumentTruth) => Json;
}

const model = 'example/model-8b';
const all = ['ttft', 'tpot', 'itl', 'e2el'] as const;
const withoutGaps = ['ttft', 'tpot', 'e2el'] as const;

/** `mean_ttft_ms` and so on. */
function flatFigures(truth: DocumentTruth, nameOfE2el = 'e2el'): Json {
  return Object.fromEntries(
    all.flatMap((metric) => {
      const values = samplesMs(truth, metric);
      const name = metric === 'e2el' ? nameOfE2el : metric;
      return [
        [`mean_${name}_ms`, mean(values)],
        [`median_${name}_ms`, percentile(values, 50)],
        [`std_${name}_ms`, std(values)],
        [`p90_${name}_ms`, percentile(values, 90)],
        [`p99_${name}_ms`, percentile(values, 99)],
      ];
    }),
  );
}

function serving(truth: DocumentTruth): Json {
  const { input, output, completed, asked, durationS } = totalsOf(truth);
  return {
    date: '20260114-101500', backend: 'vllm', model_id: model, tokenizer_id: model,
    num_prompts: asked, request_rate: 'inf', burstiness: 1, max_concurrency: truth.streams,
    duration: durationS, completed, total_input_tokens: input, total_output_tokens: output,
    request_throughput: completed / durationS, output_throughput: output / durationS,
    total_token_throughput: (input + output) / durationS,
    ...flatFigures(truth),
  };
}

/** AIPerf's and genai-perf's form of a latency, in any unit of time. */
function measured(values: readonly number[], unit: string, msPerUnit: number): Json {
  const at = (percent: number): number => percentile(values, percent) / msPerUnit;
  return {
    unit, avg: mean(values) / msPerUnit, std: std(values) / msPerUnit, min: at(0), max: at(100),
    p25: at(25), p50: at(50), p75: at(75), p90: at(90), p95: at(95), p99: at(99),
  };
}

function profile(truth: DocumentTruth): Json {
  const { input, output, completed, durationS } = totalsOf(truth);
  return {
    request_throughput: { unit: 'requests/sec', avg: completed / durationS },
    request_latency: measured(samplesMs(truth, 'e2el'), 'ms', 1),
    request_count: { unit: 'requests', avg: completed },
    time_to_first_token: measured(samplesMs(truth, 'ttft'), 'ms', 1),
    inter_token_latency: measured(samplesMs(truth, 'tpot'), 'ms', 1),
    output_token_throughput: { unit: 'tokens/sec', avg: output / durationS },
    output_sequence_length: { unit: 'tokens', avg: output / completed },
    input_sequence_length: { unit: 'tokens', avg: input / completed },
  };
}

function aiperfMetrics(truth: DocumentTruth): Json {
  const { input, output, failed, durationS } = totalsOf(truth);
  return {
    ...profile(truth),
    request_latency: measured(samplesMs(truth, 'e2el'), 'sec', 1000),
    time_to_first_token: measured(samplesMs(truth, 'ttft'), 'milliseconds', 1),
    inter_token_latency: measured(samplesMs(truth, 'tpot'), 'us', 0.001),
    total_token_throughput: { unit: 'tokens/sec', avg: (input + output) / durationS },
    total_isl: { unit: 'tokens', avg: input },
    total_osl: { unit: 'tokens', avg: output },
    benchmark_duration: { unit: 'sec', avg: durationS },
    ...defined({ error_request_count: failed > 0 ? { unit: 'requests', avg: failed } : undefined }),
  };
}

const aiperfSettings = (truth: DocumentTruth): Json => ({
  input_config: { endpoint: { model_names: [model] }, loadgen: { concurrency: truth.streams } },
  was_cancelled: false, error_summary: [], start_time: '2026-01-14T10:15:00.250',
});

function guidellmDistribution(values: readonly number[], msPerUnit = 1): Json {
  const at = (percent: number): number => percentile(values, percent) / msPerUnit;
  return {
    successful: {
      mean: mean(values) / msPerUnit, median: at(50), std_dev: std(values) / msPerUnit,
      min: at(0), max: at(100), count: values.length, total_sum: sum(values) / msPerUnit,
      percentiles: { p10: at(10), p25: at(25), p75: at(75), p90: at(90), p95: at(95), p99: at(99), p999: at(99.9) },
    },
  };
}

function guidellmBenchmark(truth: DocumentTruth): Json {
  return {
    metrics: {
      request_latency: guidellmDistribution(samplesMs(truth, 'e2el'), 1000),
      prompt_token_count: guidellmDistribution(truth.requests.map(({ inputTokens }) => inputTokens)),
      output_token_count: guidellmDistribution(truth.requests.map(({ gapsMs }) => gapsMs.length + 1)),
      time_to_first_token_ms: guidellmDistribution(samplesMs(truth, 'ttft')),
      inter_token_latency_ms: guidellmDistribution(samplesMs(truth, 'tpot')),
    },
  };
}

const guidellmTimes = ({ durationS }: DocumentTruth): Json => ({ start_time: 1e6, end_time: 1e6 + durationS });
const guidellmCounts = ({ requests, failed }: DocumentTruth): Json => ({
  successful: requests.length, errored: failed, incomplete: 0, total: requests.length + failed,
});

function llmperfFigures(prefix: string, values: readonly number[]): Json {
  const at = (percent: number): number => percentile(values, percent) / 1000;
  const figures = { mean: mean(values) / 1000, min: at(0), max: at(100), stddev: std(values) / 1000 };
  const quantiles = [25, 50, 75, 90, 95, 99].map((percent) => [`${prefix}_quantiles_p${percent}`, at(percent)]);
  return {
    ...Object.fromEntries(Object.entries(figures).map(([name, value]) => [`${prefix}_${name}`, value])),
    ...Object.fromEntries(quantiles),
  };
}

function inferencePerfFigures(values: readonly number[]): Json {
  const at = (percent: number): number => percentile(values, percent) / 1000;
  return {
    mean: mean(values) / 1000, min: at(0), p1: at(1), p10: at(10), median: at(50), p90: at(90),
    p99: at(99), 'p99.9': at(99.9), max: at(100),
  };
}

/** A document in every supported format, as its tool writes it. */
export const writers: readonly (Writer & { readonly form: string })[] = [
  { form: 'the public client', tool: 'public', metrics: all, document: serving },
  {
    form: 'vLLM',
    tool: 'vllm',
    metrics: all,
    document: (truth) => ({ ...serving(truth), endpoint_type: 'openai', label: null, failed: truth.failed }),
  },
  {
    form: 'vLLM of 2024',
    tool: 'vllm',
    metrics: all,
    document: (truth) => {
      const { total_token_throughput: _, request_throughput: rate, burstiness: __, ...rest } = serving(truth);
      const { input, durationS } = totalsOf(truth);
      return { ...rest, request_inthroughput: rate, input_throughput: input / durationS };
    },
  },
  {
    form: 'SGLang',
    tool: 'sglang',
    metrics: all,
    document: (truth) => {
      const { input, output, completed, durationS } = totalsOf(truth);
      return {
        tag: null, backend: 'sglang', dataset_name: 'random', request_rate: Number.POSITIVE_INFINITY,
        max_concurrency: truth.streams, server_info: { model_path: model }, duration: durationS, completed,
        total_input_tokens: input, total_output_tokens: output, total_output_tokens_retokenized: output,
        request_throughput: completed / durationS, input_throughput: input / durationS,
        output_throughput: output / durationS, total_throughput: (input + output) / durationS,
        ...flatFigures(truth, 'e2e_latency'),
      };
    },
  },
  {
    form: 'AIPerf',
    tool: 'aiperf',
    metrics: withoutGaps,
    document: (truth) => ({ aiperf_version: '0.13.0', ...aiperfMetrics(truth), ...aiperfSettings(truth) }),
  },
  {
    form: 'AIPerf with records',
    tool: 'aiperf',
    metrics: withoutGaps,
    document: (truth) => ({ records: aiperfMetrics(truth), ...aiperfSettings(truth) }),
  },
  {
    form: 'genai-perf',
    tool: 'genai-perf',
    metrics: withoutGaps,
    document: (truth) => ({
      ...profile(truth),
      input_config: { model_names: [model], perf_analyzer: { stimulus: { concurrency: truth.streams } } },
    }),
  },
  {
    form: 'GuideLLM 0.2 and 0.3',
    tool: 'guidellm',
    metrics: withoutGaps,
    document: (truth) => ({
      benchmarks: [
        {
          args: { strategy: { type_: 'concurrent', streams: truth.streams } },
          worker: { backend_model: model }, request_totals: guidellmCounts(truth),
          ...guidellmTimes(truth), ...guidellmBenchmark(truth),
        },
      ],
    }),
  },
  {
    form: 'GuideLLM',
    tool: 'guidellm',
    metrics: withoutGaps,
    document: (truth) => {
      const { metrics } = guidellmBenchmark(truth);
      return {
        metadata: { version: 2, guidellm_version: '0.8.1' },
        config: { backend: { model } },
        benchmarks: [
          {
            config: { strategy: { type_: 'concurrent', streams: truth.streams } },
            ...guidellmTimes(truth),
            metrics: { ...Object(metrics), request_totals: guidellmCounts(truth) },
          },
        ],
      };
    },
  },
  {
    form: 'llmperf',
    tool: 'llmperf',
    metrics: ['ttft', 'e2el'],
    document: (truth) => {
      const { input, output, completed, failed, asked, durationS } = totalsOf(truth);
      return {
        version: '2023-08-31', name: 'm_summary', model, num_concurrent_requests: truth.streams,
        ...llmperfFigures('results_ttft_s', samplesMs(truth, 'ttft')),
        ...llmperfFigures('results_end_to_end_latency_s', samplesMs(truth, 'e2el')),
        results_number_input_tokens_mean: input / completed, results_number_errors: failed,
        results_number_output_tokens_mean: output / completed, results_num_requests_started: asked,
        results_mean_output_throughput_token_per_s: output / durationS,
        results_num_completed_requests: completed,
        results_num_completed_requests_per_min: (60 * completed) / durationS,
        timestamp: 1.75e9,
      };
    },
  },
  {
    form: 'inference-perf',
    tool: 'inference-perf',
    metrics: all,
    document: (truth) => {
      const { input, output, completed, failed, asked, durationS } = totalsOf(truth);
      return {
        benchmark_time_seconds: durationS,
        load_summary: { count: asked, requested_rate: 1, concurrency: truth.streams },
        successes: {
          count: completed,
          latency: {
            request_latency: inferencePerfFigures(samplesMs(truth, 'e2el')),
            time_per_output_token: inferencePerfFigures(samplesMs(truth, 'tpot')),
            time_to_first_token: inferencePerfFigures(samplesMs(truth, 'ttft')),
            inter_token_latency: inferencePerfFigures(samplesMs(truth, 'itl')),
          },
          throughput: {
            input_tokens_per_sec: input / durationS,
            output_tokens_per_sec: output / durationS,
            total_tokens_per_sec: (input + output) / durationS,
            requests_per_sec: completed / durationS,
          },
          output_len: { mean: output / completed },
        },
        failures: { count: failed, request_latency: null },
      };
    },
  },
];
