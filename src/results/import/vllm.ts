import { z } from 'zod';
import { dated, frame, type ImportContext, type ImportedResult, type ResultFormat } from './format.ts';

const count = z.number().nonnegative();

/** What both clients write; every `*_ms` field and the detail of each request are taken over as they are. */
const resultSchema = z.looseObject({
  date: z.string().regex(/^\d{8}-\d{6}$/),
  backend: z.string().optional(),
  endpoint_type: z.string().optional(),
  model_id: z.string(),
  tokenizer_id: z.string().optional(),
  num_prompts: count,
  request_rate: z.union([z.number(), z.string()]),
  burstiness: z.number().optional(),
  max_concurrency: z.int().positive().nullable().optional(),
  duration: z.number().positive(),
  completed: count,
  failed: count.optional(),
  total_input_tokens: count,
  total_output_tokens: count,
  request_throughput: z.number(),
  request_goodput: z.number().nullish(),
  output_throughput: z.number(),
  total_token_throughput: z.number(),
});

const detail = ['input_lens', 'output_lens', 'ttfts', 'itls', 'errors'];

function read(tool: string, document: unknown, context: ImportContext): ImportedResult[] {
  const result = resultSchema.parse(document);
  const failed = result.failed ?? Math.max(0, result.num_prompts - result.completed);
  const kept = Object.entries(result).filter(
    ([name, value]) =>
      value !== null && (detail.includes(name) || (name.endsWith('_ms') && typeof value === 'number')),
  );
  return [
    {
      ...dated(localTime(result.date)),
      backend: result.backend ?? result.endpoint_type ?? 'vllm',
      model_id: context.model ?? result.model_id,
      tokenizer_id: result.tokenizer_id ?? result.model_id,
      num_prompts: result.num_prompts,
      request_rate: result.request_rate,
      burstiness: result.burstiness ?? 1,
      max_concurrency: context.concurrency ?? result.max_concurrency ?? null,
      duration: result.duration,
      completed: result.completed,
      total_input_tokens: result.total_input_tokens,
      total_output_tokens: result.total_output_tokens,
      request_throughput: result.request_throughput,
      ...(result.request_goodput == null ? {} : { request_goodput: result.request_goodput }),
      output_throughput: result.output_throughput,
      total_token_throughput: result.total_token_throughput,
      ...Object.fromEntries(kept),
      ...frame(tool, undefined, failed, result.completed),
    },
  ];
}

function localTime(date: string): Date {
  return new Date(date.replace(/^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3T$4:$5:$6'));
}

const hasShape = (document: Readonly<Record<string, unknown>>): boolean =>
  'model_id' in document && 'total_token_throughput' in document && 'request_rate' in document;

/** Fields that vLLM's own tool has had since it left the script that the public client was made from. */
const ofVllm = ['endpoint_type', 'label', 'failed', 'max_output_tokens_per_s', 'max_concurrent_requests'];

/** `vllm bench serve --save-result`. */
export const vllm: ResultFormat = {
  tool: 'vllm',
  title: "vLLM's `bench serve --save-result`",
  recognises: (document) => hasShape(document) && ofVllm.some((name) => name in document),
  read: (document, context) => read('vllm', document, context),
};

/** The public InferenceMAX client, a fork of an older script of vLLM's. */
export const publicClient: ResultFormat = {
  tool: 'public',
  title: "the public InferenceMAX client's result",
  recognises: (document) => hasShape(document) && !ofVllm.some((name) => name in document),
  read: (document, context) => read('public', document, context),
};
