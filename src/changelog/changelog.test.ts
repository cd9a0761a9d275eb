import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addedEntries } from './added.ts';
import { appendEntry, type NewEntry } from './append.ts';
import { Changelog } from './changelog-file.ts';

const before = `# what and why
- config-keys:
    - a-*
  description:
    - "First"
  pr-link: https://example.org/1

- config-keys:
    - b
  description:
    - Second
  pr-link: https://example.org/2
`;
const read = async (content: string) => await Changelog.parse('log.yaml', content);
const parse = async (content: string) => (await read(content)).check();
const entriesAdded = async (from: string, to: string) => {
  const changed = await read(to);
  return changed.check(addedEntries(await read(from), changed, 'log.yaml'));
};
const added = async (after: string) =>
  (await entriesAdded(before, after)).map(({ entry, line }) => [line, entry['pr-link']]);
const third = `
- config-keys: [c]
  description: [Third]
  pr-link: https://example.org/3
`;

describe('addedEntries', () => {
  test('are the appended entries, with their lines', async () => {
    expect(await added(before + third)).toEqual([[14, 'https://example.org/3']]);
  });

  test('may come with changes of white space, comments, quotes and the last newline', async () => {
    const reformatted =
      `${before.replace('# what and why', '# other words').replace('"First"', "'First'").replaceAll('    - ', '  - ')}${third}`.trimEnd();
    expect(await added(reformatted)).toEqual([[14, 'https://example.org/3']]);
  });

  test('may follow entries of an older form, if those stay unchanged', async () => {
    const old = `- config-keys: [z]\n  description: in one text\n${before}`;
    expect(await entriesAdded(old, old + third)).toHaveLength(1);
    await expect(entriesAdded(old, before + third)).rejects.toThrow(
      'log.yaml:1: the entry for z was deleted',
    );
  });

  test('include an entry that repeats an old one', async () => {
    expect(await added(before + before.slice(before.lastIndexOf('- config-keys')))).toHaveLength(1);
  });

  test.each([
    [
      'a deletion is reported with its former line',
      before.slice(0, before.lastIndexOf('- config-keys')) + third,
      'log.yaml:8:',
    ],
    [
      'an edit is reported with its line',
      before.replace('Second', 'Other') + third,
      'log.yaml:8: the entry for b was edited; it was at line 8 before',
    ],
    [
      'a key added to an old entry is an edit',
      before.replace('    - b\n', '    - b\n    - c\n') + third,
      'the entry for b was edited',
    ],
    ['no addition is an error', before, 'log.yaml: nothing was added'],
  ])('%s', async (_, after, expected) => {
    await expect(added(after)).rejects.toThrow(expected);
  });
});

describe('a changelog', () => {
  test('a file with only comments is an empty changelog', async () => {
    expect(await parse('# nothing yet\n')).toEqual([]);
  });

  test.each([
    [
      '- config-keys: []\n  description: [x]\n  pr-link: y\n',
      'log.yaml:1:3: config-keys: expected at least one config key',
    ],
    [
      '- config-keys: [a]\n  descripton: [x]\n  pr-link: y\n',
      "log.yaml:1:3: description: missing; expected a list of sentences\nlog.yaml:2:3: unknown field 'descripton' (did you mean 'description'?)",
    ],
    [
      '- config-keys: a\n  description: [x]\n  pr-link: y\n',
      'log.yaml:1:16: config-keys: expected a list, found "a"',
    ],
    ['- config-keys: [a\n', 'log.yaml:2:1: not valid YAML'],
  ])('%j is rejected with line and column', async (content, expected) => {
    await expect(parse(content)).rejects.toThrow(expected);
  });
});

describe('appendEntry', () => {
  const word = fc
    .string({ minLength: 1, maxLength: 30 })
    .filter((text) => text.trim() !== '' && text.isWellFormed());
  const entry: fc.Arbitrary<NewEntry> = fc.record({
    'config-keys': fc.array(word, { minLength: 1, maxLength: 3 }),
    description: fc.array(word, { minLength: 1, maxLength: 3 }),
    'pr-link': word,
  });

  test('for any text, keeps the old entries and adds the new one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 3 }), async (entries) => {
        const content = entries.reduce(appendEntry, before);
        expect(content.startsWith(before)).toBe(true);
        expect((await parse(content)).map((located) => located.entry)).toEqual([
          ...(await parse(before)).map((located) => located.entry),
          ...entries,
        ]);
      }),
    );
  });

  test('keeps the indentation and the blank line of the file', async () => {
    const simple = { 'config-keys': ['c'], description: ['Third'], 'pr-link': 'https://example.org/3' };
    expect(appendEntry(before, simple)).toBe(
      `${before}\n- config-keys:\n    - c\n  description:\n    - Third\n  pr-link: https://example.org/3\n`,
    );
    expect(appendEntry(before.replaceAll('    - ', '  - '), simple)).toContain('- config-keys:\n  - c\n');
  });
});
