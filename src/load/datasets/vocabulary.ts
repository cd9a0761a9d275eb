/** A vocabulary as plain data that can be sent to another thread. */
export type VocabularySpec =
  /** `high` is inclusive. */
  | { readonly kind: 'token-ids'; readonly low: number; readonly high: number }
  | { readonly kind: 'words'; readonly words: readonly string[] };

export function vocabularyOf(spec: VocabularySpec): Vocabulary {
  return spec.kind === 'words' ? wordVocabulary(spec.words) : tokenIdVocabulary(spec);
}

/** Tokens to draw random prompts from, written so that any sequence of them has exactly as many tokens. */
export interface Vocabulary {
  readonly kind: 'token-ids' | 'text';
  readonly size: number;
  /** Opens and closes the JSON of a prompt. */
  readonly open: string;
  readonly close: string;
  /** The JSON bytes of one token with its separator from the previous one; ASCII. */
  write(index: number): string;
}

/**
 * Ids that are ordinary tokens in the tokenizers of current models: byte and special tokens are below 1,000 or at the
 * end, and the smallest vocabularies have 32,000 tokens.
 */
export const ordinaryTokenIds = { low: 1000, high: 29_999 } as const;

/** Token ids sent as numbers, so exact counts need no tokenizer. `high` is inclusive. */
export function tokenIdVocabulary(range: { readonly low: number; readonly high: number }): Vocabulary {
  return {
    kind: 'token-ids',
    size: range.high - range.low + 1,
    open: '[',
    close: ']',
    write: (index) => `,${range.low + index}`,
  };
}

/** Words that are one token each after a space. */
export function wordVocabulary(words: readonly string[]): Vocabulary {
  return {
    kind: 'text',
    size: words.length,
    open: '"',
    close: '"',
    write: (index) => ` ${words[index] ?? ''}`,
  };
}
