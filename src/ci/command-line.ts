import { InputError } from '../errors.ts';

/** What would mean something to a shell, outside quotes; a wildcard is left alone, because config keys take one. */
const shellCharacters = /[;&|<>$`\\(){}!#~]/;

/**
 * The words of a command line as people type them, apart by white space, with '…' and "…" around what belongs
 * together. No shell ever reads it, so nothing is expanded, and what only a shell understands is an InputError.
 */
export function wordsOf(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (const character of line) {
    if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else word = (word ?? '') + character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (shellCharacters.test(character)) {
      throw new InputError(
        `'${character}' in the command line '${line.trim()}': no shell reads it`,
        'put it in quotes if it belongs to a value, or leave it out',
      );
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote !== undefined)
    throw new InputError(`the ${quote} in the command line '${line.trim()}' is not closed`);
  if (word !== undefined) words.push(word);
  return words;
}
