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
  /** The longest token in bytes, with its separator. */
  readonly longest: number;
  /** Writes the JSON of one token with its separator from the previous one, in ASCII. Returns where it ends. */
  write(index: number, into: Uint8Array, at: number): number;
}

/**
 * Ids that are ordinary tokens in the tokenizers of current models: byte and special tokens are below 1,000 or at the
 * end, and the smallest vocabularies have 32,000 tokens.
 */
export const ordinaryTokenIds = { low: 1000, high: 29_999 } as const;

/** Token ids sent as numbers, so exact counts need no tokenizer. `high` is inclusive. */
export function tokenIdVocabulary({
  low,
  high,
}: {
  readonly low: number;
  readonly high: number;
}): Vocabulary {
  return {
    kind: 'token-ids',
    size: high - low + 1,
    open: '[',
    close: ']',
    longest: 1 + String(high).length,
    write: (index, into, at) => {
      into[at] = comma;
      return writeNumber(low + index, into, at + 1);
    },
  };
}

/** Words that are one token each after a space. */
export function wordVocabulary(words: readonly string[]): Vocabulary {
  return {
    kind: 'text',
    size: words.length,
    open: '"',
    close: '"',
    longest: 1 + words.reduce((longest, word) => Math.max(longest, word.length), 0),
    write: (index, into, at) => {
      const word = words[index] ?? '';
      into[at] = space;
      for (let letter = 0; letter < word.length; letter++) into[at + 1 + letter] = word.charCodeAt(letter);
      return at + 1 + word.length;
    },
  };
}

const space = 32;
const comma = 44;
const zero = 48;

/** Writes a whole number of 0 or more in decimal. Returns where it ends. */
function writeNumber(number: number, into: Uint8Array, at: number): number {
  let end = at + 1;
  for (let left = number; left >= 10; left = Math.floor(left / 10)) end++;
  let left = number;
  for (let digit = end - 1; digit >= at; digit--) {
    into[digit] = zero + (left % 10);
    left = Math.floor(left / 10);
  }
  return end;
}
