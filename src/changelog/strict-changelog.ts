import { isMap, isScalar, isSeq, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import { parseYamlAs, problemsOf } from '../config/index.ts';
import { InputError } from '../errors.ts';
import { augustEntrySchema, type ChangelogEntry } from './entry.ts';

/** An entry and the text that it is written in, from its dash to the next entry. */
export interface StrictEntry {
  readonly entry: ChangelogEntry;
  readonly link: string;
  readonly text: string;
  readonly line: number;
}

/** Characters that a changelog may not have, because tools and people see them differently. */
const refused = [
  { character: '\0', name: 'a NUL character', hint: 'remove it' },
  { character: '\r', name: 'a carriage return', hint: 'end lines with a line feed alone' },
  { character: '\t', name: 'a tab', hint: 'use spaces' },
];

/** The texts of entries, each from its dash to the next one: every entry begins so, at the beginning of a line. */
export function entryTexts(text: string): string[] {
  const starts = [...text.matchAll(/^- config-keys:/gm)].map(({ index }) => index);
  return starts.map((start, index) => text.slice(start, starts[index + 1]));
}

/** A changelog that is written by August's rules for changes that people make (contract F4, gate). */
export class StrictChangelog {
  /** What it is called in errors. */
  readonly file: string;
  readonly text: string;
  readonly entries: readonly StrictEntry[];

  private constructor(file: string, text: string, entries: readonly StrictEntry[]) {
    this.file = file;
    this.text = text;
    this.entries = entries;
  }

  /**
   * Throws InputError for bytes that are not UTF-8, for characters that are refused, for a last line without a newline, for equal
   * keys in a map, for entries that begin with anything but `- config-keys:`, and for those that are not what August's
   * contract says. A file of comments, or of nothing, is an empty changelog.
   */
  static async parse(file: string, bytes: Uint8Array): Promise<StrictChangelog> {
    const text = decoded(file, bytes);
    if (text === '') return new StrictChangelog(file, text, []);
    for (const { character, name, hint } of refused) {
      const offset = text.indexOf(character);
      if (offset >= 0)
        throw new InputError([
          { code: 'bad-changelog', file, ...placeOf(text, offset), message: `contains ${name}`, hint },
        ]);
    }
    if (!text.endsWith('\n'))
      throw new InputError([
        {
          code: 'bad-changelog',
          file,
          message: 'the last line does not end with a newline',
          hint: 'add one',
        },
      ]);
    refuseCollectionKeys(file, text);
    const texts = entryTexts(text);
    const { entries, located } = await checkedEntries(file, text, texts.length);
    return new StrictChangelog(
      file,
      text,
      entries.map((entry, index) => ({
        entry,
        link: entry['pr-link'] ?? '',
        text: texts[index] ?? '',
        line: located.locate([index]).line ?? 1,
      })),
    );
  }

  /** The text with other links in some entries, by their places in the list; everything else stays. */
  withLinks(links: ReadonlyMap<number, string>): string {
    const { contents } = parseDocument(this.text, { version: '1.1', uniqueKeys: false });
    if (!isSeq(contents)) return this.text;
    const ranges = [...links].map(([index, link]) => {
      const item = contents.items[index];
      const value: unknown = isMap(item) ? item.get('pr-link', true) : undefined;
      if (!isScalar(value) || value.range == null) throw new Error('an entry without a link was let through');
      return { start: value.range[0], end: value.range[1], link };
    });
    return ranges
      .toSorted((a, b) => b.start - a.start)
      .reduce((text, { start, end, link }) => `${text.slice(0, start)}${link}${text.slice(end)}`, this.text);
  }
}

function decoded(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new InputError([
      { code: 'bad-yaml', file, message: 'is not UTF-8 text', hint: 'save it as UTF-8' },
    ]);
  }
}

function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const lines = text.slice(0, offset).split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

/** The entries, which are as many as lines begin one, and where they are. */
async function checkedEntries(file: string, text: string, begun: number) {
  const list = z.array(z.unknown(), { error: 'expected a list of entries' }).nullable();
  const { data: read, located } = await parseYamlAs(file, text, list, { yaml: '1.1' });
  const data = read ?? [];
  if (data.length !== begun)
    throw new InputError([
      {
        code: 'bad-changelog',
        file,
        message: `${begun} of its ${data.length} entries start with '- config-keys:' at the start of a line; expected all`,
        hint: 'write config-keys first in every entry, without indentation before the dash',
      },
    ]);
  const schema = z.array(augustEntrySchema);
  const checked = schema.safeParse(data, { reportInput: true });
  if (!checked.success)
    throw new InputError(problemsOf(await located(), schema, checked.error), undefined, {
      code: 'bad-changelog',
    });
  return { entries: checked.data, located: await located() };
}

/** Only text with one of these may have a list or a map as a key. */
const collectionKey = /^[ -]*\?\s|[\]}]\s*:/m;

function refuseCollectionKeys(file: string, text: string): void {
  if (!collectionKey.test(text)) return;
  let offset: number | undefined;
  visit(parseDocument(text, { version: '1.1', uniqueKeys: false }), {
    Pair: (_, { key }) => {
      if (isScalar(key)) return undefined;
      offset = isMap(key) || isSeq(key) ? (key.range?.[0] ?? 0) : 0;
      return visit.BREAK;
    },
  });
  if (offset === undefined) return;
  throw new InputError([
    {
      code: 'bad-changelog',
      file,
      ...placeOf(text, offset),
      message: 'not valid YAML: expected text as a key, found a list or a map',
    },
  ]);
}
