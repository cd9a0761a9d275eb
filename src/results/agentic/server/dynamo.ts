import { ratio } from '../figures.ts';
import { type ServerReader, wholeNumber } from './reader.ts';
import { shareOf } from './series.ts';
import { readVllm, vllmPoolTokens } from './vllm.ts';

/** Dynamo with vLLM workers: their metrics, and those of the front end and the router. */
export const dynamoReader: ServerReader = {
  name: 'dynamo-vllm',
  reads: (names, framework) =>
    framework.startsWith('dynamo') || names.some((name) => name.startsWith('dynamo_')),
  readsLogsOf: (framework) => framework.startsWith('dynamo'),
  read(metrics) {
    const workers = readVllm(metrics);
    const cached = metrics.total('dynamo_frontend_cached_tokens');
    const input = metrics.total('dynamo_frontend_input_sequence_tokens');
    const output = metrics.total('dynamo_frontend_output_tokens');
    const ofFrontEnd = ratio(cached, input);
    const shared = shareOf(metrics.average('dynamo_component_router_shared_cache_hit_rate'));
    return {
      ...workers,
      cache: {
        ...workers.cache,
        frontend_cache_hit_rate: ofFrontEnd,
        router_kv_hit_rate: shareOf(metrics.average('dynamo_component_router_kv_hit_rate')),
        router_shared_cache_hit_rate: shared,
        frontend_cached_tokens: cached,
        frontend_input_tokens: input,
      },
      kv_cache: {
        ...workers.kv_cache,
        gpu_usage_pct:
          workers.kv_cache.gpu_usage_pct ??
          shareOf(metrics.highest('dynamo_component_gpu_cache_usage_percent')),
      },
      tokens: {
        ...workers.tokens,
        prompt_total: wholeNumber(input) ?? workers.tokens.prompt_total,
        generation_total: wholeNumber(output) ?? workers.tokens.generation_total,
      },
    };
  },
  poolTokens: vllmPoolTokens,
};
