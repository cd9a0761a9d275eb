import type { Segment } from '../datasets/token-pool.ts';

/** What a prefix cache sees of a request. Segments of the same seed have the same tokens, up to the shorter length. */
export interface CacheableRequest {
  readonly prompt: readonly Segment[];
  /** The reply, if later prompts can contain it as the server generated it. The cache has it after the request. */
  readonly reply?: readonly Segment[];
  /** It fills the cache, but its prompt is not among those that the hits are counted of. */
  readonly onlyFills?: boolean;
}

/** How many prompt tokens a cache could have served. */
export interface IdealHits {
  readonly promptTokens: number;
  readonly cachedTokens: number;
}

/** Tokens per block of most engines' prefix caches. */
export const usualBlockTokens = 16;

/**
 * The cached tokens of a prompt of which a cache has the first `sharedTokens`: whole blocks only, and never all of the
 * prompt, because an engine computes at least the last token.
 */
export function cachedTokensOf(sharedTokens: number, promptTokens: number, blockTokens: number): number {
  return blockTokens * Math.floor(Math.max(0, Math.min(sharedTokens, promptTokens - 1)) / blockTokens);
}

export function tokensIn(segments: readonly Segment[]): number {
  return segments.reduce((sum, { tokens }) => sum + tokens, 0);
}

/** Segments by their seed: the longest that was seen, and what followed those of each length. */
type Branches = Map<number, Branch>;
interface Branch {
  longest: number;
  /** Most prompts end in a segment that nothing follows. */
  afterLength?: Map<number, Branches>;
}

/**
 * A prefix cache of unlimited size that has each request before the next one starts: no engine can do better. Memory
 * grows with the number of segments, not of tokens.
 */
export class UnlimitedCache {
  readonly #blockTokens: number;
  readonly #root: Branches = new Map();

  constructor(blockTokens: number) {
    this.#blockTokens = blockTokens;
  }

  /** The cached tokens of a request's prompt; then the cache has the request. */
  add({ prompt, reply = [] }: CacheableRequest): number {
    const sharedTokens = this.#sharedTokens(prompt);
    this.#store(reply.length === 0 ? prompt : [...prompt, ...reply]);
    return cachedTokensOf(sharedTokens, tokensIn(prompt), this.#blockTokens);
  }

  #sharedTokens(prompt: readonly Segment[]): number {
    let branches: Branches | undefined = this.#root;
    let shared = 0;
    for (const { seed, tokens } of prompt) {
      const branch: Branch | undefined = branches?.get(seed);
      if (branch === undefined) break;
      shared += Math.min(tokens, branch.longest);
      if (tokens > branch.longest) break;
      branches = branch.afterLength?.get(tokens);
    }
    return shared;
  }

  #store(segments: readonly Segment[]): void {
    let branches = this.#root;
    for (const [index, { seed, tokens }] of segments.entries()) {
      const branch: Branch = branches.get(seed) ?? { longest: 0 };
      branches.set(seed, branch);
      branch.longest = Math.max(branch.longest, tokens);
      if (index === segments.length - 1) return;
      branch.afterLength ??= new Map();
      const after: Branches = branch.afterLength.get(tokens) ?? new Map();
      branch.afterLength.set(tokens, after);
      branches = after;
    }
  }
}

/** The hits of requests, sent in this order, in a cache of unlimited size. */
export function idealHits(requests: Iterable<CacheableRequest>, blockTokens: number): IdealHits {
  const cache = new UnlimitedCache(blockTokens);
  let promptTokens = 0;
  let cachedTokens = 0;
  for (const request of requests) {
    const cached = cache.add(request);
    if (request.onlyFills === true) continue;
    promptTokens += tokensIn(request.prompt);
    cachedTokens += cached;
  }
  return { promptTokens, cachedTokens };
}
