import { z } from 'zod';
import { dated, frame, type ResultFormat } from './format.ts';

const count = z.number().nonnegative();

const resultSchema = z.looseObject({
  backend: z.string(),
  request_rate: z.union([z.number(), z.string()]),
  max_concurrency: z.int().positive().nullish(),
  server_info: z.unknown(),
  duration: z.number().positive(),
  completed: count,
  total_input_tokens: count,
  total_output_tokens: count,
  request_throughput: z.number(),
  output_throughput: z.number(),
  total_throughput: z.number(),
  errors: z.array(z.string()).optional(),
});

/** The server's own words; a list of them where the router answered for several servers. */
const serverInfo = z.union([
  z.looseObject({ model_path: z.string() }).transform((info) => info.model_path),
  z
    .looseObject({ internal_states: z.array(z.looseObject({ model_path: z.string() })).min(1) })
    .transform(({ internal_states: [first] }) => first?.model_path ?? ''),
]);

const detail = ['input_lens', 'output_lens', 'ttfts', 'itls', 'errors'];

/** `python -m sglang.bench_serving --output-file`, one result on every line. It calls E2EL `e2e_latency`. */
export const sglang: ResultFormat = {
  tool: 'sglang',
  title: "SGLang's `bench_serving --output-file`",
  recognises: (document) => 'median_e2e_latency_ms' in document && 'total_throughput' in document,
  read: (document, context) => {
    const result = resultSchema.parse(document);
    const model = context.model ?? serverInfo.safeParse(result.server_info).data;
    if (model === undefined) throw new Error('it does not say which model was served; give --model');
    const failed = (result.errors ?? []).filter((error) => error !== '').length;
    const figures = Object.entries(result).flatMap(([name, value]) =>
      /^(mean|median|std|p[\d.]+)_(ttft|tpot|itl|e2e_latency)_ms$/.test(name) && typeof value === 'number'
        ? [[name.replace('e2e_latency', 'e2el'), value]]
        : [],
    );
    const kept = Object.entries(result).filter(([name]) => detail.includes(name));
    return [
      {
        ...dated(new Date(context.writtenAt.getTime() - 1000 * result.duration)),
        backend: result.backend,
        model_id: model,
        tokenizer_id: model,
        num_prompts: result.completed + failed,
        // It writes Infinity, which is no JSON, where the rate is not bounded.
        request_rate: result.request_rate === 'Infinity' ? 'inf' : result.request_rate,
        burstiness: 1,
        max_concurrency: context.concurrency ?? result.max_concurrency ?? null,
        duration: result.duration,
        completed: result.completed,
        total_input_tokens: result.total_input_tokens,
        total_output_tokens: result.total_output_tokens,
        request_throughput: result.request_throughput,
        output_throughput: result.output_throughput,
        total_token_throughput: result.total_throughput,
        ...Object.fromEntries(figures),
        ...Object.fromEntries(kept),
        ...frame('sglang', undefined, failed, result.completed),
      },
    ];
  },
};
