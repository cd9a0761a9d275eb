import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CacheableRequest, idealHits } from './ideal-hits.ts';
import { ReuseDistances } from './reuse-distances.ts';

/** Few seeds and short segments, so that prompts often share a part. */
const segments = fc.array(fc.record({ seed: fc.nat(2), tokens: fc.integer({ min: 1, max: 7 }) }), {
  maxLength: 4,
});
const requests = fc.array(fc.record({ prompt: segments, reply: segments }), { maxLength: 12 });
const blockTokens = fc.integer({ min: 1, max: 5 });

/** Token by token: which one is where. The end of a segment is not visible. */
const written = (list: CacheableRequest['prompt']): string[] =>
  list.flatMap(({ seed, tokens }) => Array.from({ length: tokens }, (_, at) => `${seed}:${at}`));

/** An LRU cache of blocks, as an engine has it. */
class PlainCache {
  readonly #recent: string[] = [];
  readonly #size: number;
  constructor(size: number) {
    this.#size = size;
  }
  add({ prompt, reply = [] }: CacheableRequest, block: number): number {
    const tokens = written(prompt);
    const blocksOf = (all: readonly string[]) =>
      Array.from({ length: Math.floor(all.length / block) }, (_, at) =>
        all.slice(0, (at + 1) * block).join(),
      );
    const usable = blocksOf(tokens).slice(0, Math.floor(Math.max(0, tokens.length - 1) / block));
    const miss = usable.findIndex((key) => !this.#recent.includes(key));
    for (const key of blocksOf([...tokens, ...written(reply)]).reverse()) {
      if (this.#recent.includes(key)) this.#recent.splice(this.#recent.indexOf(key), 1);
      this.#recent.unshift(key);
    }
    this.#recent.length = Math.min(this.#recent.length, this.#size);
    return block * (miss === -1 ? usable.length : miss);
  }
}

test('an unlimited cache has the longest prefix in whole blocks, but never the whole prompt', () => {
  const first = { seed: 1, tokens: 64 };
  const hits = (second: CacheableRequest['prompt']) =>
    idealHits([{ prompt: [first, { seed: 2, tokens: 20 }] }, { prompt: second }], 16).cachedTokens;
  expect(hits([first, { seed: 3, tokens: 20 }])).toBe(64);
  expect(hits([{ seed: 1, tokens: 40 }])).toBe(32);
  expect(hits([first])).toBe(48);
  expect(hits([first, { seed: 2, tokens: 20 }])).toBe(80);
  expect(hits([{ seed: 2, tokens: 20 }])).toBe(0);
});

test('a reply is found again only if the cache keeps it', () => {
  const [user, reply, next] = [1, 2, 3].map((seed) => ({ seed, tokens: 32 }));
  if (user === undefined || reply === undefined || next === undefined) throw new Error('three segments');
  const second = { prompt: [user, reply, next] };
  expect(idealHits([{ prompt: [user] }, second], 16).cachedTokens).toBe(32);
  expect(idealHits([{ prompt: [user], reply: [reply] }, second], 16).cachedTokens).toBe(64);
});

test('hits for every cache size are those of a cache of that size', () => {
  fc.assert(
    fc.property(requests, blockTokens, fc.nat(20), (sent, block, size) => {
      const cache = new PlainCache(size);
      const distances = new ReuseDistances(block);
      for (const request of sent) distances.add(request);
      const expected = sent.reduce((sum, request) => sum + cache.add(request, block), 0);
      expect(distances.hitsIn(size * block).cachedTokens).toBe(expected);
    }),
  );
});

test('a cache that never discards anything has the hits of an unlimited one', () => {
  fc.assert(
    fc.property(requests, blockTokens, (sent, block) => {
      const distances = new ReuseDistances(block);
      for (const request of sent) distances.add(request);
      const hits = distances.hitsIn(distances.differentBlocks * block);
      expect(hits).toEqual(idealHits(sent, block));
    }),
  );
});

test('distances stay exact while many blocks are used again and again', () => {
  const distances = new ReuseDistances(1);
  const rounds = 40;
  const different = 100;
  for (let round = 0; round < rounds; round++) {
    for (let seed = 0; seed < different; seed++) distances.add({ prompt: [{ seed, tokens: 2 }] });
  }
  // Each prompt uses two blocks of one token, of which only the first can be a hit.
  expect(distances.hitsIn(2 * different).cachedTokens).toBe((rounds - 1) * different);
  expect(distances.hitsIn(2 * different - 2).cachedTokens).toBe(0);
});
