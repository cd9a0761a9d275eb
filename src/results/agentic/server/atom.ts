import { ratio } from '../figures.ts';
import { type ServerReader, unknownFigures, wholeNumber } from './reader.ts';
import { shareOf } from './series.ts';

/** ATOM's own names and those of its router, which replaces the colon. */
function namesOf(name: string): readonly string[] {
  return [`atom:${name}`, `atom_${name}`];
}

function counterNames(name: string): readonly string[] {
  return [...namesOf(name), ...namesOf(`${name}_total`)];
}

export const atomReader: ServerReader = {
  name: 'atom',
  reads: (names) => names.some((name) => /^atom[:_]/.test(name)),
  readsLogsOf: (framework) => framework === 'atom',
  read(metrics) {
    const cached = metrics.total(counterNames('prefix_cache_cached_tokens'));
    const all = metrics.total(counterNames('prefix_cache_full_tokens'));
    const loaded = metrics.total(counterNames('lmcache_loaded_tokens'));
    // The cached tokens already contain the loaded ones.
    const rate = ratio(cached, all);
    return {
      ...unknownFigures,
      cache: {
        ...unknownFigures.cache,
        gpu_cache_hit_rate: rate,
        cpu_cache_hit_rate: ratio(loaded, all),
        external_cache_hit_rate: ratio(loaded, all),
        overall_cache_hit_rate: rate,
        prefix_cache_hits: cached,
        prefix_cache_queries: all,
        external_prefix_cache_hits: loaded,
        external_prefix_cache_queries: all,
      },
      kv_cache: {
        ...unknownFigures.kv_cache,
        gpu_usage_pct: shareOf(metrics.highest(namesOf('kv_cache_usage_ratio'))),
      },
      tokens: {
        ...unknownFigures.tokens,
        prompt_total: wholeNumber(metrics.total(counterNames('prompt_tokens'))),
        generation_total: wholeNumber(metrics.total(counterNames('generation_tokens'))),
      },
    };
  },
  poolTokens: () => null,
};
