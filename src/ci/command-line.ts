import { InputError } from '../errors.ts';

/**
 * Characters that a shell would interpret outside quotes. Wildcards are not among them, because config keys
 * may contain them.
 */
const shellCharacters = /[;&|<>$`\\(){}!#~]/;

/**
 * Splits a command line at whitespace into words; `'…'` and `"…"` keep a word together. No shell reads the
 * line, so nothing is expanded, and shell syntax throws an InputError.
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
        { code: 'bad-option' },
      );
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote !== undefined)
    throw new InputError(`the ${quote} in the command line '${line.trim()}' is not closed`, undefined, {
      code: 'bad-option',
    });
  if (word !== undefined) words.push(word);
  return words;
}

/** Options of `generate` that name files. Only files in `.github/configs` may be named. */
const fileOption = /^--[a-z-]*(?:config|configs|file|files)(?:=|$)/;
const configFile = /^(?:\.\/)?\.github\/configs\/(?!\.)[\w.-]+\.ya?ml$/;

/**
 * Throws InputError if an option names a file outside `.github/configs`. A user who may start a sweep must
 * not be able to read files of the machine that runs it, and an error message about a file quotes part of its
 * content.
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
        { code: 'bad-option' },
      );
    }
  }
}
