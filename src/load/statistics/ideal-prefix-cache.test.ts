import { describe, expect, test } from 'vitest';
import { someLoadTest } from '../../../test/support/some-load-test.ts';
import { type DatasetSpec, drawConversations } from '../datasets/index.ts';
import { syntheticPrompts } from '../datasets/synthetic.ts';
import { RequestLog, RequestState } from '../request-log.ts';
import { idealPrefixCache, mostCachedShare } from './ideal-prefix-cache.ts';

function sent(dataset: DatasetSpec, numPrompts: number, more = {}) {
  const log = RequestLog.ofLength(numPrompts);
  log.state.fill(RequestState.completed);
  const asked = { ...someLoadTest, dataset, numPrompts, ...more };
  return { asked, log };
}

const prefixes: DatasetSpec = {
  kind: 'shared-prefix',
  prefixLen: 96,
  groups: 1,
  share: 1,
  inputLen: 32,
  outputLen: 4,
  rangeRatio: 1,
};

describe('the ideal share of cached tokens', () => {
  test('is 0 for random prompts', () => {
    const random = { kind: 'random', inputLen: 100, outputLen: 4, rangeRatio: 0.5 } as const;
    const { asked, log } = sent(random, 50);
    const total = syntheticPrompts(random, 50, asked.seed).reduce(
      (sum, { segments }) => sum + segments.reduce((all, { tokens }) => all + tokens, 0),
      0,
    );
    expect(idealPrefixCache(asked, log)).toEqual({
      block_tokens: 16,
      cached_tokens: 0,
      prompt_tokens: total,
      share: 0,
    });
    expect(mostCachedShare(asked, log)).toBe(0);
  });

  test('is that of the prefix for all prompts but the first', () => {
    const { asked, log } = sent(prefixes, 10);
    const { cached_tokens, prompt_tokens } = idealPrefixCache(asked, log);
    expect({ cached_tokens, prompt_tokens }).toEqual({ cached_tokens: 9 * 96, prompt_tokens: 10 * 128 });
    const larger = idealPrefixCache({ ...asked, cacheBlockTokens: 64 }, log);
    expect(larger).toMatchObject({ block_tokens: 64, cached_tokens: 9 * 64 });
  });

  test('covers only the requests that were sent', () => {
    const { asked, log } = sent(prefixes, 10);
    log.state.fill(RequestState.unsent, 4);
    expect(idealPrefixCache(asked, log).prompt_tokens).toBe(4 * 128);
  });

  test('is lower in a cache that is too small for the conversations between two turns', () => {
    const shape = { firstInputLen: 256, laterInputLen: 64, outputLen: 64, rangeRatio: 1 };
    const drawn = drawConversations(
      { ...shape, turns: { low: 4, high: 4 }, pauseS: 0, pauses: 'thinking', sharedPrefixTokens: 0 },
      40,
      1,
    );
    const { asked, log } = sent(drawn, 40, { cacheTokens: 320 });
    const { share, share_in_cache: limited } = idealPrefixCache(asked, log);
    expect(share).toBeGreaterThan(0.5);
    expect(limited).toBeLessThan(share ?? 0);
    expect(idealPrefixCache({ ...asked, cacheTokens: 1 << 20 }, log).share_in_cache).toBe(share);
  });

  test('is an estimate for texts, from their common beginnings', () => {
    const common = 'You answer questions about the manual. '.repeat(40);
    const prompts = ['one', 'two'].map((end) => ({ text: `${common}${end.repeat(30)}`, outputTokens: 1 }));
    const { asked, log } = sent({ kind: 'texts', prompts }, 4);
    const { share, ...rest } = idealPrefixCache(asked, log);
    expect(rest).toEqual({ block_tokens: 16, cached_tokens: null, prompt_tokens: null, estimated: true });
    // The second prompt shares its beginning, and the last two are repeats.
    expect(share).toBeGreaterThan(0.68);
    expect(share).toBeLessThan(0.75);
    expect(mostCachedShare(asked, log)).toBeNull();
  });

  test('is exact for token ids', () => {
    const tokenIds = Array.from({ length: 64 }, (_, id) => id);
    const prompts = [{ tokenIds, outputTokens: 1 }];
    const { asked, log } = sent({ kind: 'texts', prompts }, 2);
    expect(idealPrefixCache(asked, log)).toMatchObject({ cached_tokens: 48, prompt_tokens: 128 });
  });

  test('is at least what a cache of single tokens has, if token ids share a part of a piece', () => {
    const prompts = [0, 1].map((last) => ({
      tokenIds: Array.from({ length: 64 }, (_, id) => (id < 47 ? id : 1000 * last + id)),
      outputTokens: 1,
    }));
    const { asked, log } = sent({ kind: 'texts', prompts }, 2);
    expect(mostCachedShare(asked, log)).toBeGreaterThanOrEqual(47 / 128);
  });
});
