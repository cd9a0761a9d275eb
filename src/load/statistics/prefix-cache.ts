import type { RequestLog } from '../request-log.ts';
import type { PrefixCache } from '../result-schema.ts';
import { known, orNull, sum, valueAt } from '../unknown.ts';

/** What completed requests report about the server's prefix cache. */
export function prefixCache(log: RequestLog): PrefixCache {
  const cached = log.completed((index) => valueAt(log.cachedTokens, index));
  const saying = known(cached);
  const prompts = log
    .completed((index) => valueAt(log.inputTokens, index))
    .filter((_, index) => !Number.isNaN(valueAt(cached, index)));
  return prefixCacheOf(saying.length, sum(saying), sum(prompts));
}

/** Over all replies that report cached tokens; NaN arguments mean unknown. */
export function prefixCacheOf(replies: number, cachedTokens: number, promptTokens: number): PrefixCache {
  if (replies === 0) return { replies, cached_tokens: null, prompt_tokens: null, share: null };
  return {
    replies,
    cached_tokens: orNull(cachedTokens),
    prompt_tokens: orNull(promptTokens),
    share: orNull(cachedTokens / promptTokens),
  };
}
