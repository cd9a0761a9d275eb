import type { PromptBody } from '../backends/index.ts';
import { Random } from '../random.ts';
import type { Vocabulary } from './vocabulary.ts';

/** A sequence of tokens that its seed determines, so that prompts can share it. */
export interface Segment {
  readonly seed: number;
  readonly tokens: number;
}

export function tokensOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, { tokens }) => sum + tokens, 0);
}

/** Tokens drawn separately at the start of each segment, so that segments of different seeds share no prefix. */
const freshTokens = 16;
/**
 * A pool has this many times the tokens of the longest prompt, so that prompts rarely repeat themselves or each other.
 */
const poolPerPrompt = 8;
const leastPoolTokens = 1 << 13;
const mostPoolTokens = 1 << 16;

/**
 * Writes prompts of exact token counts as JSON. All but a segment's first tokens are slices of one pool of random
 * tokens that is already text, so writing a prompt only copies bytes, which is fast enough to do when it is sent.
 */
export class TokenPool {
  readonly #vocabulary: Vocabulary;
  readonly #bytes: Uint8Array;
  /** Where each token of the pool starts in `#bytes`. */
  readonly #offsets: Int32Array;
  readonly #random: Random;
  /** Prompts are put together here. */
  #draft = new Uint8Array(0);

  /** `longestPrompt`: tokens of the longest prompt that will be requested. */
  constructor(vocabulary: Vocabulary, seed: number, longestPrompt: number) {
    this.#vocabulary = vocabulary;
    this.#random = new Random(seed);
    const poolTokens = Math.min(mostPoolTokens, Math.max(leastPoolTokens, poolPerPrompt * longestPrompt));
    this.#offsets = new Int32Array(poolTokens + 1);
    const bytes = new Uint8Array(poolTokens * vocabulary.longest);
    let end = 0;
    for (let index = 0; index < poolTokens; index++) {
      this.#offsets[index] = end;
      end = this.#drawn(bytes, end);
    }
    this.#offsets[poolTokens] = end;
    this.#bytes = bytes.slice(0, end);
  }

  prompt(segments: readonly Segment[]): PromptBody {
    const { kind, open, close, longest } = this.#vocabulary;
    let most = open.length + close.length;
    for (const { tokens } of segments) most += tokens * longest;
    if (this.#draft.length < most) this.#draft = new Uint8Array(2 * most);
    // Every token is written after a separator, which JSON does not allow before the first id: the bracket replaces it.
    let end = kind === 'token-ids' ? open.length - 1 : open.length;
    for (const segment of segments) end = this.#write(segment, end);
    this.#text(open, 0);
    end = this.#text(close, Math.max(end, open.length));
    return { kind, json: Buffer.from(this.#draft.subarray(0, end)) };
  }

  /** Writes a segment into the draft. Returns where it ends. */
  #write({ seed, tokens }: Segment, at: number): number {
    this.#random.reseed(seed);
    const fresh = Math.min(tokens, freshTokens);
    let end = at;
    for (let index = 0; index < fresh; index++) end = this.#drawn(this.#draft, end);
    const poolTokens = this.#offsets.length - 1;
    for (let left = tokens - fresh; left > 0; ) {
      const from = this.#random.integer(0, poolTokens - 1);
      const count = Math.min(left, poolTokens - from);
      const piece = this.#bytes.subarray(this.#offsets[from], this.#offsets[from + count]);
      this.#draft.set(piece, end);
      end += piece.length;
      left -= count;
    }
    return end;
  }

  /** Draws a token and writes it. Returns where it ends. */
  #drawn(into: Uint8Array, at: number): number {
    return this.#vocabulary.write(this.#random.integer(0, this.#vocabulary.size - 1), into, at);
  }

  #text(text: string, at: number): number {
    for (let index = 0; index < text.length; index++) this.#draft[at + index] = text.charCodeAt(index);
    return at + text.length;
  }
}
