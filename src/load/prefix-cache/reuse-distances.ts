import type { Segment } from '../datasets/token-pool.ts';
import { blockKeys } from './block-keys.ts';
import { type CacheableRequest, cachedTokensOf, type IdealHits, tokensIn } from './ideal-hits.ts';

/**
 * The hits of requests in a prefix cache of any size that discards the least recently used blocks, the last block of a
 * prompt first. One pass over the requests answers this for all sizes: a block is in every cache that is at least as
 * large as the number of different blocks used since it was last used (Mattson's stack distance, 1970).
 */
export class ReuseDistances {
  readonly #blockTokens: number;
  readonly #blocks = new Map<string, number>();
  readonly #recency = new Recency();
  /** Hits by the smallest cache, in blocks, that has them. */
  readonly #hits = new Map<number, number>();
  #promptTokens = 0;

  constructor(blockTokens: number) {
    this.#blockTokens = blockTokens;
  }

  /** The number of different blocks so far: a cache of this size never discards anything. */
  get differentBlocks(): number {
    return this.#blocks.size;
  }

  /** Adds the next request. */
  add({ prompt, reply = [], onlyFills = false }: CacheableRequest): void {
    const promptTokens = tokensIn(prompt);
    const blocks = this.#blocksOf([...prompt, ...reply]);
    const usable = cachedTokensOf(promptTokens, promptTokens, this.#blockTokens) / this.#blockTokens;
    for (const block of onlyFills ? [] : blocks.slice(0, usable)) {
      const distance = this.#recency.distance(block);
      // Neither are the blocks after it in any cache.
      if (distance === undefined) break;
      this.#hits.set(distance, (this.#hits.get(distance) ?? 0) + 1);
    }
    // The last block is used first, so that the start of a prompt is never older than its end.
    for (const block of blocks.toReversed()) this.#recency.use(block);
    if (!onlyFills) this.#promptTokens += promptTokens;
  }

  /** The hits so far in a cache of this many tokens. */
  hitsIn(cacheTokens: number): IdealHits {
    const cacheBlocks = Math.floor(cacheTokens / this.#blockTokens);
    let hits = 0;
    for (const [distance, count] of this.#hits) if (distance <= cacheBlocks) hits += count;
    return { promptTokens: this.#promptTokens, cachedTokens: hits * this.#blockTokens };
  }

  /** The number of each whole block: the same number means the same tokens after the same tokens. */
  #blocksOf(segments: readonly Segment[]): number[] {
    const blocks: number[] = [];
    let before = -1;
    for (const key of blockKeys(segments, this.#blockTokens)) {
      before = this.#numberOf(`${before} ${key}`);
      blocks.push(before);
    }
    return blocks;
  }

  #numberOf(key: string): number {
    const known = this.#blocks.get(key);
    if (known !== undefined) return known;
    const number = this.#blocks.size;
    this.#blocks.set(key, number);
    return number;
  }
}

const leastPlaces = 1 << 10;

/** Blocks in the order of their last use. Both operations take time logarithmic in the number of blocks. */
class Recency {
  /** The place of each block; later places are more recent. Places from 1, 0 for an unused block. */
  readonly #places: number[] = [];
  /** Fenwick tree that counts the blocks by place. */
  #counts = new Int32Array(leastPlaces + 1);
  #last = 0;
  #blocks = 0;

  /** How many different blocks were used since this one, including itself; undefined if it never was. */
  distance(block: number): number | undefined {
    const place = this.#places[block];
    return place === undefined ? undefined : this.#blocks - this.#countTo(place - 1);
  }

  use(block: number): void {
    if (this.#last + 1 >= this.#counts.length) this.#renumber();
    const place = this.#places[block];
    if (place === undefined) this.#blocks++;
    else this.#add(place, -1);
    this.#last++;
    this.#places[block] = this.#last;
    this.#add(this.#last, 1);
  }

  /** Makes the places dense again, with room for as many uses as there are blocks. */
  #renumber(): void {
    const inOrder = [...this.#places.keys()]
      .filter((block) => this.#places[block] !== undefined)
      .sort((one, other) => (this.#places[one] ?? 0) - (this.#places[other] ?? 0));
    this.#counts = new Int32Array(Math.max(leastPlaces, 2 * inOrder.length) + 1);
    inOrder.forEach((block, index) => {
      this.#places[block] = index + 1;
      this.#add(index + 1, 1);
    });
    this.#last = inOrder.length;
  }

  #add(place: number, change: number): void {
    for (let at = place; at < this.#counts.length; at += at & -at) {
      this.#counts[at] = (this.#counts[at] ?? 0) + change;
    }
  }

  #countTo(place: number): number {
    let count = 0;
    for (let at = place; at > 0; at -= at & -at) count += this.#counts[at] ?? 0;
    return count;
  }
}
