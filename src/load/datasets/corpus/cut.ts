import { Random } from '../../random.ts';
import type { LengthDistribution } from '../length-distribution.ts';
import { drawLengths } from '../lengths.ts';
import type { GivenPrompt } from '../texts.ts';

/** Counts the tokens of a text; without a tokenizer, an estimate. */
export type TokenCounter = (text: string) => number;

/** A word with the white space before it. */
const word = /\s*\S+/g;
/** English and code have about four characters per token. */
const charactersPerToken = 4;

export function estimateTokens(text: string): number {
  return Math.max(1, Math.round(text.length / charactersPerToken));
}

/** A corpus as words, and how many tokens come before each. */
export class Corpus {
  readonly #text: string;
  /** Where each word ends in the text, and the tokens up to there; both ascending. */
  readonly #ends: number[] = [];
  readonly #tokens: number[] = [];

  /** `count` is called for each word separately, so lengths are exact up to tokens that span words. */
  constructor(text: string, count: TokenCounter) {
    const words = text.match(word) ?? [];
    this.#text = words.join('');
    let end = 0;
    let tokens = 0;
    const known = new Map<string, number>();
    for (const one of words) {
      const counted = known.get(one) ?? count(one);
      known.set(one, counted);
      end += one.length;
      tokens += counted;
      this.#ends.push(end);
      this.#tokens.push(tokens);
    }
  }

  get tokens(): number {
    return this.#tokens.at(-1) ?? 0;
  }

  /** Text of about this many tokens from a place between 0 and 1, continued from the start at the end. */
  from(place: number, tokens: number): string {
    const first = Math.floor(place * this.#ends.length);
    const pieces: string[] = [];
    let at = first;
    // Ends before a word of more tokens than are left; only the end of the corpus is followed by its start.
    for (let left = tokens; left > 0; at = 0) {
      const before = at === 0 ? 0 : (this.#tokens[at - 1] ?? 0);
      const last = Math.max(at, this.#lastWithin(before + left));
      pieces.push(this.#text.slice(at === 0 ? 0 : this.#ends[at - 1], this.#ends[last]));
      left -= (this.#tokens[last] ?? 0) - before;
      if (last < this.#ends.length - 1) break;
    }
    return pieces.join('\n').trimStart();
  }

  /** The last word up to which there are at most this many tokens. */
  #lastWithin(tokens: number): number {
    let low = 0;
    let high = this.#tokens.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#tokens[middle] ?? 0) <= tokens) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/**
 * Prompts cut from a corpus at drawn places. Each starts with a different number, so that no two share a prefix. The
 * same seed gives the same prompts.
 */
export function cutPrompts(
  corpus: Corpus,
  count: TokenCounter,
  numPrompts: number,
  lengths: { readonly input: LengthDistribution; readonly output: LengthDistribution; readonly seed: number },
): GivenPrompt[] {
  const random = new Random(lengths.seed);
  const inputs = drawLengths(random, numPrompts, lengths.input);
  const outputs = drawLengths(random, numPrompts, lengths.output);
  return Array.from(inputs, (tokens, index) => {
    const mark = `${random.uint32()}-${index}\n`;
    const rest = Math.max(1, tokens - count(mark));
    return { text: `${mark}${corpus.from(random.unit(), rest)}`, outputTokens: outputs[index] ?? 1 };
  });
}
