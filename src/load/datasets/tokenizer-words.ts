import { readFile } from 'node:fs/promises';
import { LoadError } from '../load-error.ts';
import { Random } from '../random.ts';

/** How the tokenizers in use write a space before a token: byte-level BPE, and SentencePiece. */
const spaced = /^[Ġ▁]([a-z]{3,})$/;
/** A row of so many drawn words is counted, to be sure that words do not run together. */
const proofWords = 2_000;

/** Words of which any row, each with a space before it, has exactly as many tokens as words. */
export interface TokenizerWords {
  readonly words: readonly string[];
  /** Tokens that the tokenizer adds to every text, such as one that marks its beginning. */
  readonly overheadTokens: number;
}

/** A Hugging Face `tokenizer.json`. */
export interface LoadedTokenizer {
  /** Tokens of a text, without those that mark its beginning or end. */
  count(text: string): number;
  /** The same with these marks. */
  countWithMarks(text: string): number;
  readonly vocabulary: readonly string[];
}

/** Throws LoadError `bad-test` where the file is none. */
export async function loadTokenizer(file: string): Promise<LoadedTokenizer> {
  // Only those who name a file wait for the tokenizers' code.
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
    throw new LoadError('bad-test', `${file} is no tokenizer.json: ${reason}`, { cause: error });
  }
}

/** Finds such words in a Hugging Face `tokenizer.json`. Throws LoadError `unsupported` where the file has none. */
export async function tokenizerWords(file: string): Promise<TokenizerWords> {
  const tokenizer = await loadTokenizer(file);
  const rowOf = (words: readonly string[]): string => words.map((word) => ` ${word}`).join('');
  const count = (words: readonly string[]): number => tokenizer.count(rowOf(words));
  const candidates = tokenizer.vocabulary.flatMap((token) => spaced.exec(token)?.slice(1) ?? []);
  const [first] = candidates;
  if (first === undefined) throw unsupported(file, 'no lower-case word of it is one token after a space');
  // SentencePiece may begin a text with a token of its own; it is there once, whatever follows.
  const start = count([first]) - 1;
  const words = candidates.filter((word) => count([first, word]) === start + 2);
  const random = new Random(0);
  const proof = Array.from({ length: proofWords }, () => words[random.integer(0, words.length - 1)] ?? '');
  if (words.length === 0 || count(proof) !== start + proofWords) {
    throw unsupported(file, 'its words merge, so that a sequence of them has another number of tokens');
  }
  return { words, overheadTokens: tokenizer.countWithMarks(rowOf([first])) - 1 };
}

function unsupported(file: string, reason: string): LoadError {
  return new LoadError('unsupported', `cannot build texts of exact length with ${file}: ${reason}`, {
    hint: 'omit the tokenizer file: token ids, or words counted by the server, are exact, too',
  });
}
