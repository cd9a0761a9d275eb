import type { Token } from './binding.ts';

/** Turns tokens into text one at a time: a character whose bytes are spread over tokens appears with the last of them. */
export class TextStream {
  readonly #detokenize: (tokens: readonly Token[], lastTokens: readonly Token[]) => string;
  #settled: Token[] = [];
  #pending: Token[] = [];

  constructor(detokenize: (tokens: readonly Token[], lastTokens: readonly Token[]) => string) {
    this.#detokenize = detokenize;
  }

  /** The text that this token completes; empty while a character is still incomplete. */
  push(token: Token): string {
    this.#pending.push(token);
    const text = this.#detokenize(this.#pending, this.#settled);
    if (text.endsWith('\uFFFD') && this.#pending.length < maxTokensPerCharacter) return '';
    // The detokenizer looks a few tokens back to decide on leading spaces.
    this.#settled = [...this.#settled, ...this.#pending].slice(-maxTokensPerCharacter);
    this.#pending = [];
    return text;
  }
}

/** A UTF-8 character has at most four bytes; after as many tokens the bytes are simply not text. */
const maxTokensPerCharacter = 4;
