import { defined } from '../../defined/defined.ts';
import { type CacheablePrompts, cacheablePrompts } from '../datasets/cacheable.ts';
import { seedOfPrompts } from '../datasets/index.ts';
import type { LoadTest } from '../load-test.ts';
import {
  type CacheableRequest,
  type IdealHits,
  idealHits,
  tokensIn,
  usualBlockTokens,
} from '../prefix-cache/ideal-hits.ts';
import { ReuseDistances } from '../prefix-cache/reuse-distances.ts';
import { type RequestLog, RequestState } from '../request-log.ts';
import type { IdealPrefixCache } from '../result-schema.ts';
import { orNull } from '../unknown.ts';

/** What was sent, and which of it the figures are about. */
type SentRequests = Pick<RequestLog, 'state' | 'isOutside'>;

/**
 * What an ideal prefix cache, empty at the start, could have served of the prompts that were sent. If the test has a
 * window, the figures are about the prompts that were due in it, and the cache also has those from before.
 */
export function idealPrefixCache(test: LoadTest, log: SentRequests): IdealPrefixCache {
  const { cacheTokens, cacheBlockTokens: blockTokens = usualBlockTokens } = test;
  const prompts = promptsOf(test);
  const hits = hitsOf(prompts, log, blockTokens);
  return {
    block_tokens: blockTokens,
    cached_tokens: prompts.isEstimated ? null : hits.cachedTokens,
    prompt_tokens: prompts.isEstimated ? null : hits.promptTokens,
    share: shareOf(hits),
    ...defined({
      estimated: prompts.isEstimated ? (true as const) : undefined,
      cache_tokens: cacheTokens,
      share_in_cache:
        cacheTokens === undefined
          ? undefined
          : shareOf(limitedHits(sentOf(prompts, log), blockTokens, cacheTokens)),
    }),
  };
}

/** The largest share of prompt tokens that any cache could have served; null if it can only be estimated. */
export function mostCachedShare(test: LoadTest, log: SentRequests): number | null {
  const prompts = promptsOf(test);
  if (prompts.isEstimated) return null;
  if (prompts.shareNothing) return 0;
  const { promptTokens, cachedTokens } = hitsOf(prompts, log, 1);
  const sent = log.state.reduce((count, state) => (state === RequestState.unsent ? count : count + 1), 0);
  const most = cachedTokens + sent * (prompts.pieceTokens - 1);
  return shareOf({ promptTokens, cachedTokens: Math.min(promptTokens, most) });
}

function promptsOf(test: LoadTest): CacheablePrompts {
  const prompts = cacheablePrompts(test.dataset, test.numPrompts, seedOfPrompts(test));
  // How long the server's replies are is known only afterwards.
  return test.replies === 'server' ? { ...prompts, isEstimated: true } : prompts;
}

function* sentOf(prompts: CacheablePrompts, log: SentRequests): Generator<CacheableRequest> {
  let index = -1;
  for (const request of prompts.requests()) {
    index++;
    if ((log.state[index] ?? RequestState.unsent) === RequestState.unsent) continue;
    yield log.isOutside(index) ? { ...request, onlyFills: true } : request;
  }
}

function hitsOf(prompts: CacheablePrompts, log: SentRequests, blockTokens: number): IdealHits {
  if (!prompts.shareNothing) return idealHits(sentOf(prompts, log), blockTokens);
  let promptTokens = 0;
  for (const { prompt, onlyFills } of sentOf(prompts, log))
    if (onlyFills !== true) promptTokens += tokensIn(prompt);
  return { cachedTokens: 0, promptTokens };
}

function limitedHits(sent: Iterable<CacheableRequest>, blockTokens: number, cacheTokens: number): IdealHits {
  const distances = new ReuseDistances(blockTokens);
  for (const request of sent) distances.add(request);
  return distances.hitsIn(cacheTokens);
}

function shareOf({ cachedTokens, promptTokens }: IdealHits): number | null {
  return orNull(cachedTokens / promptTokens);
}
