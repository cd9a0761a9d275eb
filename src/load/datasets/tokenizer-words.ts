import { readFile } from 'node:fs/promises';
import { LoadError } from '../load-error.ts';
import { Random } from '../random.ts';

/** How common tokenizers write a space before a token: byte-level BPE, and SentencePiece. */
const spaced = /^[Ġ▁]([a-z]{3,})$/;
/** A sequence of this many drawn words is counted, to verify that words do not merge. */
const proofWords = 2_000;

/** Words of which any sequence, with a space before each, has exactly as many tokens as words. */
export interface TokenizerWords {
  readonly words: readonly string[];
  /** Tokens that the tokenizer adds to every text, such as a beginning-of-text token. */
  readonly overheadTokens: number;
}

/** A Hugging Face `tokenizer.json`. */
export interface LoadedTokenizer {
  /** Tokens of a text, without special tokens at its beginning or end. */
  count(text: string): number;
  /** The same including these special tokens. */
  countWithMarks(text: string): number;
  readonly vocabulary: readonly string[];
}

/** Throws LoadError `bad-test` if the file is not a tokenizer. */
export async function loadTokenizer(file: string): Promise<LoadedTokenizer> {
  // The tokenizer library is only loaded if a file is given.
  const { Tokenizer } = await import('@huggingface/tokenizers');
  try {
    const json: object = JSON.parse(await readFile(file, 'utf8'));
    const tokenizer = new Tokenizer(json, {});
    const count = (text: string, marks: boolean): number =>
      tokenizer.encode(text, { add_special_tokens: marks }).ids.length;
    return {
      count: (text) => count(text, false),
      countWithMarks: (text) => count(text, true),
      vocabulary: [...tokenizer.get_vocab().keys()],
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LoadError('bad-test', `${file} is not a tokenizer.json: ${reason}`, { cause: error });
  }
}

/** Finds such words in a Hugging Face `tokenizer.json`. Throws LoadError `unsupported` if it has none. */
export async function tokenizerWords(file: string): Promise<TokenizerWords> {
  const tokenizer = await loadTokenizer(file);
  const rowOf = (words: readonly string[]): string => words.map((word) => ` ${word}`).join('');
  const count = (words: readonly string[]): number => tokenizer.count(rowOf(words));
  const candidates = tokenizer.vocabulary.flatMap((token) => spaced.exec(token)?.slice(1) ?? []);
  const [first] = candidates;
  if (first === undefined) throw unsupported(file, 'none of its lower-case words is one token after a space');
  // SentencePiece may add a token at the start of a text, once, whatever follows.
  const start = count([first]) - 1;
  const words = candidates.filter((word) => count([first, word]) === start + 2);
  const random = new Random(0);
  const proof = Array.from({ length: proofWords }, () => words[random.integer(0, words.length - 1)] ?? '');
  if (words.length === 0 || count(proof) !== start + proofWords) {
    throw unsupported(file, 'its words merge, so a sequence of them does not have one token per word');
  }
  return { words, overheadTokens: tokenizer.countWithMarks(rowOf([first])) - 1 };
}

function unsupported(file: string, reason: string): LoadError {
  return new LoadError('unsupported', `cannot build texts of exact length with ${file}: ${reason}`, {
    hint: 'omit the tokenizer file: token ids, or words counted by the server, are also exact',
  });
}
