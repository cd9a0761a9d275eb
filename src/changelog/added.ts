import { InputError, type Problem } from '../errors.ts';
import type { ChangelogEntry, LocatedEntry } from './changelog-file.ts';

/**
 * The entries of `after` that are not in `before`, in order. A changelog only grows: throws InputError for every entry
 * that was deleted or edited, and when nothing was added. What the YAML does not mean (white space, comments, the last
 * newline) may change freely.
 */
export function addedEntries(
  before: readonly LocatedEntry[],
  after: readonly LocatedEntry[],
  file: string,
): LocatedEntry[] {
  const left = [...after];
  const gone = before.filter(({ entry }) => {
    const index = left.findIndex((candidate) => same(candidate.entry, entry));
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
  if (gone.length > 0) throw new InputError(gone.map((old) => missing(old, left, file)));
  if (left.length === 0) {
    throw new InputError([
      { file, message: 'nothing was added', hint: 'append an entry for what is to be measured again' },
    ]);
  }
  return left;
}

function missing(old: LocatedEntry, left: readonly LocatedEntry[], file: string): Problem {
  const keys = old.entry['config-keys'].join(', ');
  const edited = left.find(({ entry }) => alike(entry, old.entry));
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
    message: `the entry for ${keys} was deleted; this is its line before the change`,
    hint: 'restore it: the changelog only grows',
  };
}

/** Whether one entry is likely the other one edited: it changes one thing and keeps another. */
function alike(a: ChangelogEntry, b: ChangelogEntry): boolean {
  return (
    a['pr-link'] === b['pr-link'] || JSON.stringify(a['config-keys']) === JSON.stringify(b['config-keys'])
  );
}

function same(a: ChangelogEntry, b: ChangelogEntry): boolean {
  return (
    a['pr-link'] === b['pr-link'] &&
    JSON.stringify([a['config-keys'], a.description]) === JSON.stringify([b['config-keys'], b.description])
  );
}
