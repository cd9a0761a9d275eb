import { z } from 'zod';
import { type Claim, figuresOf, type LatencyMetric, metrics, UnreadableError } from './claim.ts';
import {
  concurrency,
  type Fields,
  type ImportContext,
  numeric,
  numericOrNone,
  type ResultFormat,
  requestRate,
} from './format.ts';

/** The fields that all versions of the script write; every `*_ms` field and the detail of each request are taken over as they are. */
const resultSchema = z.looseObject({
  date: z.string().regex(/^\d{8}-\d{6}$/, 'expected a date as YYYYMMDD-HHMMSS'),
  backend: z.string().nullish(),
  endpoint_type: z.string().nullish(),
  model_id: z.string(),
  tokenizer_id: z.string().nullish(),
  num_prompts: numericOrNone,
  request_rate: z.unknown().optional(),
  burstiness: numericOrNone,
  max_concurrency: concurrency,
  duration: numeric,
  completed: numeric,
  failed: numericOrNone,
  total_input_tokens: numericOrNone,
  total_output_tokens: numeric,
  request_throughput: numericOrNone,
  /** Its name in the first versions. */
  request_inthroughput: numericOrNone,
  request_goodput: numericOrNone,
  input_throughput: numericOrNone,
  output_throughput: numericOrNone,
  total_token_throughput: numericOrNone,
});

const detailFields = ['input_lens', 'output_lens', 'ttfts', 'itls', 'errors'] as const;

/** Other measurements, and facts about the server during the test. */
const isKept = (name: string): boolean =>
  /^(?:spec_decode_|max_output_tokens_per_s$|max_concurrent_requests$|rtfx$)/.test(name);

function read(tool: string, document: unknown, context: ImportContext): Claim[] {
  const result = resultSchema.parse(document);
  const { completed, num_prompts: asked = null, failed } = result;
  const model = context.model ?? result.model_id;
  const fields = Object.entries(result);
  return [
    {
      tool,
      startedAt: localTime(result.date),
      backend: result.backend ?? result.endpoint_type ?? 'vllm',
      model,
      tokenizer: result.tokenizer_id ?? model,
      requestRate: requestRate(result.request_rate),
      burstiness: result.burstiness ?? 1,
      maxConcurrency: context.concurrency ?? result.max_concurrency,
      durationS: result.duration,
      asked,
      completed,
      // Every prompt is sent, and each reply completes or fails.
      failed: failed ?? (asked === null || asked < completed ? null : asked - completed),
      inputTokens: result.total_input_tokens ?? null,
      outputTokens: result.total_output_tokens,
      rates: figuresOf({
        requests: result.request_throughput ?? result.request_inthroughput,
        goodRequests: result.request_goodput,
        inputTokens: result.input_throughput,
        outputTokens: result.output_throughput,
        totalTokens: result.total_token_throughput,
      }),
      latencies: latenciesOf(fields),
      detail: Object.fromEntries(
        fields.filter(([name, value]) => detailFields.some((field) => field === name) && value !== null),
      ),
      kept: Object.fromEntries(
        fields.filter(
          ([name, value]) =>
            (isKept(name) && value !== null) ||
            (name.endsWith('_ms') && !latencyField.test(name) && typeof value === 'number'),
        ),
      ),
    },
  ];
}

const latencyField = /^(mean|median|std|min|max|p\d+(?:\.\d+)?)_(ttft|tpot|itl|e2el)_ms$/;

/** `mean_ttft_ms` and so on, by metric; NaN counts as present, null does not. */
export function latenciesOf(fields: readonly (readonly [string, unknown])[]): Claim['latencies'] {
  const byMetric = new Map<LatencyMetric, Record<string, number>>();
  for (const [field, value] of fields) {
    const [, name, metric] = latencyField.exec(field) ?? [];
    const known = metrics.find((each) => each === metric);
    if (name === undefined || known === undefined || value == null) continue;
    byMetric.set(known, { ...byMetric.get(known), [name]: numericIn(field, value) });
  }
  return Object.fromEntries(byMetric);
}

function numericIn(field: string, value: unknown): number {
  const parsed = numeric.safeParse(value);
  if (!parsed.success) throw new UnreadableError(`${field}: ${parsed.error.issues[0]?.message}`);
  return parsed.data;
}

function localTime(date: string): Date {
  return new Date(date.replace(/^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3T$4:$5:$6'));
}

/** Fields of vLLM's own tool that the script behind the public client does not have. */
const onlyOfVllm = [
  'endpoint_type',
  'label',
  'failed',
  'max_output_tokens_per_s',
  'max_concurrent_requests',
  'input_throughput',
  'request_inthroughput',
];

const isOfVllm = (document: Fields): boolean => onlyOfVllm.some((name) => name in document);
const marks = ['date', 'model_id', 'request_rate', 'duration', 'completed', 'total_output_tokens'];

/** `vllm bench serve --save-result` or `--append-result`, the script before it, and `vllm bench sweep`'s summary. */
export const vllm: ResultFormat = {
  tool: 'vllm',
  title: "vLLM's `bench serve --save-result`",
  marks,
  also: isOfVllm,
  read: (document, context) => read('vllm', document, context),
};

/** The public InferenceMAX client, a fork of an older script of vLLM's. */
export const publicClient: ResultFormat = {
  tool: 'public',
  title: "the public InferenceMAX client's result",
  marks,
  also: (document) => !isOfVllm(document),
  read: (document, context) => read('public', document, context),
};
