import { isDeepStrictEqual } from 'node:util';
import { InputError, type Problem } from '../errors.ts';
import type { PullLinks } from './links.ts';
import { entryTexts, type StrictChangelog, type StrictEntry } from './strict-changelog.ts';

/** What a branch does to the changelog: it appends entries, or corrects the links of old ones. */
export type Contribution =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'entries'; readonly added: readonly StrictEntry[] }
  | { readonly kind: 'corrections'; readonly links: ReadonlyMap<number, string> };

/** The pull request that a branch is merged by. */
export interface PullRequest {
  readonly number: number;
  readonly links: PullLinks;
}

/** What a branch does to the changelog. Throws InputError for everything else that it does to it. */
export function contributionOf(
  base: StrictChangelog,
  branch: StrictChangelog,
  links: PullLinks,
): Contribution {
  const { file } = branch;
  const corrected = correctionsOf(base, branch, links);
  const added = branch.entries.slice(base.entries.length);
  if (corrected.size > 0) {
    if (added.length > 0)
      throw refused(branch, added[0], {
        message: 'the change appends entries and corrects the links of old ones',
        hint: 'make two changes of it',
      });
    return { kind: 'corrections', links: corrected };
  }
  if (added.length > 0) {
    checkAppended(base, branch, added);
    return { kind: 'entries', added };
  }
  if (base.text === branch.text) return { kind: 'nothing' };
  throw new InputError([
    {
      code: 'bad-changelog',
      file,
      message: 'the change touches white space, quotes or comments of old entries only',
      hint: 'restore the file: old entries stay as they are, to the byte',
    },
  ]);
}

/** The same for a branch whose pull request has no number yet: links of new entries are those of any, or XXX. */
export function checkContribution(base: StrictChangelog, branch: StrictChangelog, links: PullLinks): void {
  const contribution = contributionOf(base, branch, links);
  if (contribution.kind !== 'entries') return;
  const wrong = contribution.added.find(({ link }) => !links.isCanonical(link) && !links.isPlaceholder(link));
  if (wrong !== undefined)
    throw refused(branch, wrong, {
      message: `the link is '${wrong.link}'; expected ${links.address}NUMBER, or XXX where the number is not known yet`,
    });
}

/**
 * The text of a branch's changelog with the link to its pull request in place of placeholders. Throws InputError for what
 * may not be merged.
 */
export function canonicalized(base: StrictChangelog, branch: StrictChangelog, pull: PullRequest): string {
  const contribution = contributionOf(base, branch, pull.links);
  if (contribution.kind !== 'entries') return branch.text;
  return branch.withLinks(openLinks(branch, contribution.added, pull));
}

/** The three sides of a conflict. */
export interface Conflict {
  readonly base: StrictChangelog;
  readonly branch: StrictChangelog;
  readonly main: StrictChangelog;
}

/**
 * The changelog of the main branch with what the other branch adds: its entries at the end, or its corrections where they
 * belong. Throws InputError if nothing is left to add, and for what may not be merged.
 */
export function resolved({ base, branch, main }: Conflict, pull: PullRequest): string {
  const contribution = contributionOf(base, branch, pull.links);
  if (contribution.kind === 'nothing')
    throw new InputError([
      {
        code: 'bad-changelog',
        file: branch.file,
        message: 'the branch neither appends an entry nor corrects a link',
        hint: "take the main branch's file: git checkout --theirs",
      },
    ]);
  return contribution.kind === 'entries'
    ? withEntries(main, linked(contribution.added, branch, pull))
    : withCorrections({ base, branch, main }, contribution.links);
}

/** What a branch appends, with the link to its pull request. */
function linked(
  added: readonly StrictEntry[],
  branch: StrictChangelog,
  pull: PullRequest,
): readonly StrictEntry[] {
  const texts = entryTexts(branch.withLinks(openLinks(branch, added, pull))).slice(-added.length);
  const link = pull.links.of(pull.number);
  return added.map((one, index) => ({
    ...one,
    entry: { ...one.entry, 'pr-link': link },
    link,
    text: texts[index] ?? one.text,
  }));
}

function withEntries(main: StrictChangelog, added: readonly StrictEntry[]): string {
  const left = added.filter(({ entry }) => !main.entries.some((old) => isDeepStrictEqual(old.entry, entry)));
  if (left.length === 0)
    throw new InputError([
      {
        code: 'bad-changelog',
        file: main.file,
        message: 'the main branch already has every entry that the branch appends',
        hint: "take the main branch's file: git checkout --theirs",
      },
    ]);
  return appended(
    main.text,
    left.map(({ text }) => text),
  );
}

/** A changelog with the texts of entries at its end, one blank line before each. */
export function appended(text: string, entries: readonly string[]): string {
  return entries.reduce((all, entry) => {
    const blank = all === '' || all.endsWith('\n\n') ? '' : '\n';
    return `${all}${blank}${entry.replace(/\n+$/, '')}\n`;
  }, text);
}

function withCorrections({ base, branch, main }: Conflict, links: ReadonlyMap<number, string>): string {
  const open = new Map<number, string>();
  for (const [index, link] of links) {
    const [before, now] = [base.entries[index], main.entries[index]];
    if (now !== undefined && isDeepStrictEqual(now.entry, branch.entries[index]?.entry)) continue;
    if (now === undefined || !isDeepStrictEqual(before?.entry, now.entry))
      throw refused(main, now, {
        message: `the main branch changed entry ${index + 1}, whose link the branch corrects`,
        hint: 'merge it by hand',
      });
    open.set(index, link);
  }
  if (open.size > 0) return main.withLinks(open);
  throw new InputError([
    {
      code: 'bad-changelog',
      file: main.file,
      message: 'the main branch already has every link that the branch corrects',
      hint: "take the main branch's file: git checkout --theirs",
    },
  ]);
}

/** The links that a branch changes in old entries. Throws InputError if it changes anything else in them. */
function correctionsOf(
  base: StrictChangelog,
  branch: StrictChangelog,
  links: PullLinks,
): ReadonlyMap<number, string> {
  if (branch.entries.length < base.entries.length)
    throw new InputError([
      {
        code: 'bad-changelog',
        file: branch.file,
        message: `entries were deleted: there were ${base.entries.length}, and now there are ${branch.entries.length}`,
        hint: 'restore them: the changelog only grows',
      },
    ]);
  const corrected = new Map<number, string>();
  for (const [index, old] of base.entries.entries()) {
    const now = branch.entries[index];
    if (now === undefined || isDeepStrictEqual(old.entry, now.entry)) continue;
    if (!isDeepStrictEqual({ ...old.entry, 'pr-link': now.link }, now.entry))
      throw refused(branch, now, {
        message: `entry ${index + 1} was changed`,
        hint: 'restore it and append a new one: only links of old entries may be corrected',
      });
    if (!links.isCanonical(now.link))
      throw refused(branch, now, {
        message: `the link of entry ${index + 1} was changed to '${now.link}'; expected ${links.address}NUMBER`,
        hint: 'write the address of its pull request',
      });
    corrected.set(index, now.link);
  }
  return corrected;
}

/** New entries stand at the end, after old ones that are the same to the byte, with one blank line before each. */
function checkAppended(base: StrictChangelog, branch: StrictChangelog, added: readonly StrictEntry[]): void {
  const [first] = added;
  if (!branch.text.startsWith(base.text))
    throw refused(branch, first, {
      message: 'the change appends entries and touches white space, quotes or comments of old ones',
      hint: 'restore the old entries to the byte and append at the end',
    });
  const texts = added.map(({ text }) => text);
  const before = base.text === '' || base.text.endsWith('\n\n') ? '' : '\n';
  if (branch.text !== `${base.text}${before}${texts.join('')}`)
    throw refused(branch, first, {
      message: 'expected exactly one blank line between the old entries and the first new one',
      hint: 'a comment belongs inside an entry',
    });
  const spaced = added.slice(0, -1).find(({ text }) => !/[^\n]\n\n$/.test(text));
  if (spaced !== undefined)
    throw refused(branch, spaced, { message: 'expected exactly one blank line after this entry' });
  if (!/[^\n]\n$/.test(texts.at(-1) ?? ''))
    throw refused(branch, added.at(-1), { message: 'expected no blank line after the last entry' });
}

/** The link to the pull request for each new entry that has a placeholder. Throws InputError for any other link. */
function openLinks(
  branch: StrictChangelog,
  added: readonly StrictEntry[],
  { number, links }: PullRequest,
): ReadonlyMap<number, string> {
  const expected = links.of(number);
  const wrong = added.find(({ link }) => link !== expected && !links.isPlaceholder(link));
  if (wrong !== undefined)
    throw refused(branch, wrong, {
      message: `the link is '${wrong.link}'; expected ${expected}, or XXX where the number is not known yet`,
    });
  const first = branch.entries.length - added.length;
  return new Map(
    added.flatMap(({ link }, index) => (links.isPlaceholder(link) ? [[first + index, expected]] : [])),
  );
}

function refused(
  { file }: StrictChangelog,
  entry: StrictEntry | undefined,
  fault: Pick<Problem, 'message' | 'hint'>,
): InputError {
  return new InputError(
    [entry === undefined ? { file, ...fault } : { file, line: entry.line, ...fault }],
    undefined,
    { code: 'bad-changelog' },
  );
}
