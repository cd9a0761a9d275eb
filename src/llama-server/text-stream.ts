import type { Token } from './binding.ts';

/** Converts tokens to text one at a time. A character whose bytes span several tokens appears with the last of them. */
export class TextStream {
  readonly #detokenize: (tokens: readonly Token[], lastTokens: readonly Token[]) => string;
  #settled: Token[] = [];
  #pending: Token[] = [];

  constructor(detokenize: (tokens: readonly Token[], lastTokens: readonly Token[]) => string) {
    this.#detokenize = detokenize;
  }

  /** The text that this token completes; empty while a character is incomplete. */
  push(token: Token): string {
    this.#pending.push(token);
    const text = this.#detokenize(this.#pending, this.#settled);
    if (text.endsWith('\uFFFD') && this.#pending.length < maxTokensPerCharacter) return '';
    // The detokenizer needs a few previous tokens to decide on leading spaces.
    this.#settled = [...this.#settled, ...this.#pending].slice(-maxTokensPerCharacter);
    this.#pending = [];
    return text;
  }
}

/** A UTF-8 character has at most four bytes; after that many tokens, the bytes are not valid text. */
const maxTokensPerCharacter = 4;
