import type { PromptBody } from '../backends/index.ts';
import { Random } from '../random.ts';
import type { Vocabulary } from './vocabulary.ts';

/** A sequence of tokens that its seed determines, so that prompts can share it. */
export interface Segment {
  readonly seed: number;
  readonly tokens: number;
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
  readonly #frame: { readonly open: Uint8Array; readonly close: Uint8Array };

  /** `longestPrompt`: tokens of the longest prompt that will be requested. */
  constructor(vocabulary: Vocabulary, seed: number, longestPrompt: number) {
    this.#vocabulary = vocabulary;
    const poolTokens = Math.min(mostPoolTokens, Math.max(leastPoolTokens, poolPerPrompt * longestPrompt));
    this.#offsets = new Int32Array(poolTokens + 1);
    const random = new Random(seed);
    let text = '';
    for (let index = 0; index < poolTokens; index++) {
      this.#offsets[index] = text.length;
      text += vocabulary.write(random.integer(0, vocabulary.size - 1));
    }
    this.#offsets[poolTokens] = text.length;
    this.#bytes = Buffer.from(text, 'latin1');
    this.#frame = { open: Buffer.from(vocabulary.open), close: Buffer.from(vocabulary.close) };
  }

  prompt(segments: readonly Segment[]): PromptBody {
    const { kind } = this.#vocabulary;
    const pieces: Uint8Array[] = [this.#frame.open];
    for (const segment of segments) this.#write(segment, pieces);
    // Every token is written after a separator, which JSON does not allow before the first id.
    const [, first] = pieces;
    if (kind === 'token-ids' && first !== undefined) pieces[1] = first.subarray(1);
    pieces.push(this.#frame.close);
    return { kind, json: Buffer.concat(pieces) };
  }

  #write({ seed, tokens }: Segment, pieces: Uint8Array[]): void {
    const random = new Random(seed);
    const fresh = Math.min(tokens, freshTokens);
    let head = '';
    for (let index = 0; index < fresh; index++) {
      head += this.#vocabulary.write(random.integer(0, this.#vocabulary.size - 1));
    }
    if (fresh > 0) pieces.push(Buffer.from(head, 'latin1'));
    const poolTokens = this.#offsets.length - 1;
    for (let left = tokens - fresh; left > 0; ) {
      const from = random.integer(0, poolTokens - 1);
      const count = Math.min(left, poolTokens - from);
      pieces.push(this.#bytes.subarray(this.#offsets[from], this.#offsets[from + count]));
      left -= count;
    }
  }
}
