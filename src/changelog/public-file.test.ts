import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../package-root.ts';
import { augustChangelog } from './august.ts';
import { Changelog } from './changelog-file.ts';
import { appended } from './prepare.ts';
import { StrictChangelog } from './strict-changelog.ts';

const file = join(packageRoot, '../shared/upstream-2026-08/configs/perf-changelog.yaml');

describe.skipIf(!existsSync(file))('the public changelog of August (skipped: no ../shared)', () => {
  test('every entry is read, by the rules for changes that people make, too, and fits together again', async () => {
    const text = readFileSync(file, 'utf8');
    const begun = text.match(/^- config-keys:/gm)?.length;
    expect(begun).toBeGreaterThan(700);
    const { reading, entry } = augustChangelog;
    const changelog = await Changelog.parse('perf-changelog.yaml', text, reading);
    const read = changelog.check(undefined, entry);
    expect(read).toHaveLength(begun ?? 0);
    const strict = await StrictChangelog.parse('perf-changelog.yaml', Buffer.from(text));
    expect(strict.entries.map((one) => one.entry)).toEqual(read.map((one) => one.entry));
    expect(strict.entries.map(({ line }) => line)).toEqual(read.map(({ line }) => line));
    const last = strict.entries.slice(-2).map((one) => one.text);
    const before = text.slice(0, text.length - last.join('').length);
    expect(appended(before, last)).toBe(text);
    expect(strict.withLinks(new Map([[0, 'XXX']]))).toContain('  pr-link: XXX\n');
  });
});
