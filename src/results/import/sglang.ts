import { z } from 'zod';
import { figuresOf } from './claim.ts';
import {
  concurrency,
  named,
  numeric,
  numericOrNone,
  type ResultFormat,
  requestRate,
  startOf,
} from './format.ts';
import { latenciesOf } from './vllm.ts';

const resultSchema = z.looseObject({
  backend: z.string(),
  request_rate: z.unknown().optional(),
  max_concurrency: concurrency,
  server_info: z.unknown().optional(),
  num_prompts: numericOrNone,
  duration: numeric,
  completed: numeric,
  failed: numericOrNone,
  total_input_tokens: numericOrNone,
  total_output_tokens: numeric,
  total_output_tokens_retokenized: numericOrNone,
  request_throughput: numericOrNone,
  input_throughput: numericOrNone,
  output_throughput: numericOrNone,
  total_throughput: numericOrNone,
  accept_length: numericOrNone,
  errors: z.array(z.string()).optional(),
});

/** What the server reports about itself; a list if a router answered for several servers. */
const serverInfo = z.union([
  z.looseObject({ model_path: z.string() }).transform((info) => info.model_path),
  z
    .looseObject({ internal_states: z.array(z.looseObject({ model_path: z.string() })).min(1) })
    .transform(({ internal_states: [first] }) => first?.model_path),
]);

const detailFields = ['input_lens', 'output_lens', 'ttfts', 'itls', 'errors'];

/** Its first versions wrote fewer fields, under different names. */
const firstNames: Readonly<Record<string, string>> = {
  benchmark_duration: 'duration',
  total_input: 'total_input_tokens',
  total_output: 'total_output_tokens',
  total_output_retokenized: 'total_output_tokens_retokenized',
  output_token_throughput: 'output_throughput',
};

/** Its names for latencies as the contract's: it calls E2EL `e2e_latency`, and wrote no unit at first. */
function contractName(name: string): string {
  const renamed = firstNames[name] ?? name.replace('_e2e_latency', '_e2el');
  return /^(?:mean|median|std|p[\d.]+)_(?:ttft|tpot|itl|e2el)$/.test(renamed) ? `${renamed}_ms` : renamed;
}

/** `python -m sglang.bench_serving --output-file`, one result on every line. */
export const sglang: ResultFormat = {
  tool: 'sglang',
  title: "SGLang's `bench_serving --output-file`",
  marks: ['backend', 'dataset_name', 'request_rate', 'completed'],
  also: (document) => 'median_e2e_latency_ms' in document || 'median_e2e_latency' in document,
  read: (document, context) => {
    const entries = Object.entries(z.record(z.string(), z.unknown()).parse(document));
    const fields = entries.map(([name, value]): [string, unknown] => [contractName(name), value]);
    const result = resultSchema.parse(Object.fromEntries(fields));
    const model = named(context.model ?? serverInfo.safeParse(result.server_info).data);
    const { completed, errors, accept_length: acceptLength } = result;
    // A failure may have no text, so that the errors are as many as requests and carry no other information.
    const asked = result.num_prompts ?? errors?.length ?? null;
    return [
      {
        tool: 'sglang',
        startedAt: startOf(context.writtenAt, result.duration),
        backend: result.backend,
        model,
        tokenizer: model,
        requestRate: requestRate(result.request_rate),
        burstiness: 1,
        maxConcurrency: context.concurrency ?? result.max_concurrency,
        durationS: result.duration,
        asked,
        completed,
        failed: result.failed ?? (errors === undefined ? null : errors.length - completed),
        inputTokens: result.total_input_tokens ?? null,
        outputTokens: result.total_output_tokens,
        retokenizedOutputTokens: result.total_output_tokens_retokenized ?? null,
        rates: figuresOf({
          requests: result.request_throughput,
          inputTokens: result.input_throughput,
          outputTokens: result.output_throughput,
          totalTokens: result.total_throughput,
        }),
        latencies: latenciesOf(fields),
        names: { e2el: 'e2e_latency' },
        detail: Object.fromEntries(fields.filter(([name]) => detailFields.includes(name))),
        kept: acceptLength == null ? {} : { accept_length: acceptLength },
      },
    ];
  },
};
