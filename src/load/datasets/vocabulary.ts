/** A vocabulary as plain data, to be sent to another thread. */
export type VocabularySpec =
  /** `high` is included. */
  | { readonly kind: 'token-ids'; readonly low: number; readonly high: number }
  | { readonly kind: 'words'; readonly words: readonly string[] };

export function vocabularyOf(spec: VocabularySpec): Vocabulary {
  return spec.kind === 'words' ? wordVocabulary(spec.words) : tokenIdVocabulary(spec);
}

/** Tokens to draw random prompts from, each written so that any row of them has exactly as many tokens. */
export interface Vocabulary {
  readonly kind: 'token-ids' | 'text';
  readonly size: number;
  /** Opens and closes the JSON of a prompt. */
  readonly open: string;
  readonly close: string;
  /** The JSON bytes of one token, with what separates it from the one before; ASCII. */
  write(index: number): string;
}

/**
 * Ids that are ordinary tokens in the tokenizers of today's models: byte and special tokens lie below 1,000 or at
 * the end, and the smallest vocabularies have 32,000.
 */
export const ordinaryTokenIds = { low: 1000, high: 29_999 } as const;

/** Token ids sent as such: the exact count needs no tokenizer. `high` is included. */
export function tokenIdVocabulary(range: { readonly low: number; readonly high: number }): Vocabulary {
  return {
    kind: 'token-ids',
    size: range.high - range.low + 1,
    open: '[',
    close: ']',
    write: (index) => `,${range.low + index}`,
  };
}

/** Words that are one token each when a space comes before them. */
export function wordVocabulary(words: readonly string[]): Vocabulary {
  return {
    kind: 'text',
    size: words.length,
    open: '"',
    close: '"',
    write: (index) => ` ${words[index] ?? ''}`,
  };
}
