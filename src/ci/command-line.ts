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
        `'${character}' in the command line '${line.trim()}': the command line is not run by a shell`,
        'quote it if it belongs to a value, or remove it',
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

/** Options of `generate` that name files, by how they begin, and the one folder whose files may be named. */
const fileOption = /^--[a-z-]*(?:config|configs|file|files)(?:=|$)/;
const configFile = /^(?:\.\/)?\.github\/configs\/(?!\.)[\w.-]+\.ya?ml$/;

/**
 * Throws InputError for words that name a file outside .github/configs: who may ask for a sweep may not read the
 * machine that runs it, and what is wrong with a file is told with a part of its content.
 */
export function refuseFileOptions(words: readonly string[]): void {
  for (const [index, word] of words.entries()) {
    if (!fileOption.test(word)) continue;
    const [option = '', value] = word.split(/=(.*)/s);
    const after = words.slice(index + 1);
    const end = after.findIndex((next) => next.startsWith('--'));
    const files = [...(value === undefined ? [] : [value]), ...(end < 0 ? after : after.slice(0, end))];
    for (const file of files) {
      if (configFile.test(file)) continue;
      throw new InputError(
        `${option} must be a file directly in .github/configs here`,
        'add the config to the repository, and select it with --config-keys',
      );
    }
  }
}
