import { isDeepStrictEqual } from 'node:util';
import { InputError, type Problem } from '../errors.ts';
import type { Changelog, WrittenEntry } from './changelog-file.ts';

/**
 * The entries in `after` that are not in `before`, in order. A changelog only grows: throws InputError for every entry
 * that was deleted or edited, and if nothing was added. Changes without meaning in YAML (white space, comments, the
 * last newline) are allowed.
 */
export function addedEntries(before: Changelog, after: Changelog, file: string): WrittenEntry[] {
  const left = [...after.entries];
  const gone = before.entries.filter((old) => {
    const index = left.findIndex((candidate) => isDeepStrictEqual(candidate.value, old.value));
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
  if (gone.length > 0) throw new InputError(gone.map((old) => missing(old, left, file)));
  if (left.length === 0) {
    throw new InputError([
      { file, message: 'nothing was added', hint: 'append an entry for the configs to re-measure' },
    ]);
  }
  return left;
}

function missing(old: WrittenEntry, left: readonly WrittenEntry[], file: string): Problem {
  const keys = String(field(old, 'config-keys'));
  const edited = left.find((candidate) => alike(candidate, old));
  if (edited !== undefined) {
    return {
      file,
      line: edited.line,
      message: `the entry for ${keys} was edited; it was at line ${old.line} before`,
      hint: 'restore it and append a new entry: the changelog only grows',
    };
  }
  return {
    file,
    line: old.line,
    message: `the entry for ${keys} was deleted; its line number is from before the change`,
    hint: 'restore it: the changelog only grows',
  };
}

/** Whether one entry is probably an edit of the other: one part differs and another is the same. */
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
