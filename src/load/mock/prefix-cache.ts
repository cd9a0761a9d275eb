/** Words per block of the cache; a word stands for a token. */
const blockWords = 16;

/** What the cache had of a prompt, in tokens. */
export interface CacheLookup {
  readonly promptTokens: number;
  readonly cachedTokens: number;
}

/**
 * A prefix cache of whole blocks that discards the least recently used ones, the last of a prompt first. A block is
 * known by all text before it.
 */
export class MockPrefixCache {
  readonly #mostBlocks: number;
  /** In the order of their last use. */
  readonly #blocks = new Map<string, true>();

  constructor(tokens: number) {
    this.#mostBlocks = Math.floor(tokens / blockWords);
  }

  /** Looks a prompt up, and then has it. `head` is text before the first word, which does not count as tokens. */
  use(head: string, words: readonly string[]): CacheLookup {
    const keys = keysOf(head, words);
    const missing = keys.findIndex((key) => !this.#blocks.has(key));
    const found = missing === -1 ? keys.length : missing;
    // At least the last token is computed.
    const most = Math.floor(Math.max(0, words.length - 1) / blockWords);
    for (const key of keys.toReversed()) {
      this.#blocks.delete(key);
      this.#blocks.set(key, true);
    }
    for (const key of this.#blocks.keys()) {
      if (this.#blocks.size <= this.#mostBlocks) break;
      this.#blocks.delete(key);
    }
    return { promptTokens: words.length, cachedTokens: blockWords * Math.min(found, most) };
  }
}

/** A key for each whole block, which its words and all words before it determine. */
function keysOf(head: string, words: readonly string[]): readonly string[] {
  const keys: string[] = [];
  let [low, high] = [0x811c9dc5, 0x9dc5811c];
  const add = (word: string): void => {
    for (let letter = 0; letter <= word.length; letter++) {
      const code = letter === word.length ? 32 : word.charCodeAt(letter);
      low = Math.imul(low ^ code, 0x01000193);
      high = Math.imul(high ^ code, 0x01000193) ^ (high >>> 15);
    }
  };
  add(head);
  for (let from = 0; from + blockWords <= words.length; from += blockWords) {
    for (const word of words.slice(from, from + blockWords)) add(word);
    keys.push(`${low >>> 0} ${high >>> 0}`);
  }
  return keys;
}
