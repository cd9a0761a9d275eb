import { isDeepStrictEqual } from 'node:util';
import { InputError, type Problem } from '../errors.ts';
import type { WrittenEntry } from './changelog-file.ts';

interface Written {
  readonly entries: readonly WrittenEntry[];
}

/**
 * The entries in `after` that are not in `before`, in order; none if nothing was added. A changelog only grows: throws
 * InputError for every entry that was deleted or edited. Changes without meaning in YAML (white space, comments, the
 * last newline) are allowed.
 */
export function grownBy(before: Written, after: Written): WrittenEntry[] {
  const left = [...after.entries];
  const gone = before.entries.filter((old) => {
    const index = left.findIndex((candidate) => isDeepStrictEqual(candidate.value, old.value));
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
  if (gone.length > 0)
    throw new InputError(
      gone.map((old) => missing(old, left)),
      undefined,
      { code: 'bad-changelog' },
    );
  return left;
}

/** The same, but throws InputError if nothing was added. */
export function addedEntries(before: Written, after: Written, file: string): WrittenEntry[] {
  const added = grownBy(before, after);
  if (added.length > 0) return added;
  throw new InputError([nothingAdded(file)], undefined, { code: 'bad-changelog' });
}

export function nothingAdded(file: string): Problem {
  return { file, message: 'nothing was added', hint: 'append an entry for the configs to re-measure' };
}

function missing(old: WrittenEntry, left: readonly WrittenEntry[]): Problem {
  const keys = String(field(old, 'config-keys'));
  const edited = left.find((candidate) => alike(candidate, old));
  if (edited !== undefined) {
    return {
      file: edited.file,
      line: edited.line,
      message: `the entry for ${keys} was edited; it was at line ${old.line} before`,
      hint: 'restore it and append a new entry: the changelog only grows',
    };
  }
  return {
    file: old.file,
    line: old.line,
    message: `the entry for ${keys} was deleted; its line number is from before the change`,
    hint: 'restore it: the changelog only grows',
  };
}

/** Whether one entry is likely the other one edited: it changes one thing and keeps another. */
function alike(a: WrittenEntry, b: WrittenEntry): boolean {
  return ['pr-link', 'config-keys'].some((name) => {
    const value = field(a, name);
    return value !== undefined && isDeepStrictEqual(value, field(b, name));
  });
}

function field({ value }: WrittenEntry, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

/**
 * Throws InputError where a line with text is gone or changed, as August's contract refuses it: the same entries in other
 * white space, quotes or comments are a change, too, and so is a last line that had no newline. Blank lines may go.
 */
export function refuseLostLines(before: string, after: string, file: string): void {
  const left = linesOf(after);
  let from = 0;
  for (const [index, line] of linesOf(before).entries()) {
    if (line.trim() === '') continue;
    const found = left.indexOf(line, from);
    if (found < 0) {
      const isLast = !line.endsWith('\n');
      const message = isLast
        ? `line ${index + 1} had no newline at its end before, and has one now`
        : `line ${index + 1} was deleted or changed; before it was: ${line.trim()}`;
      const hint = isLast
        ? 'end the file with a newline in a separate change'
        : 'restore it: old lines stay as they are, to the byte';
      throw new InputError([{ code: 'bad-changelog', file, message, hint }]);
    }
    from = found + 1;
  }
}

/** Lines with what ends them. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
