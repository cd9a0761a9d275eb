import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../package-root.ts';
import { productVersion } from '../product-version.ts';
import { meaningChanges, meaningChangesBetween, meaningNote } from './meaning.ts';

/** The changes of meaning in a changelog, as lines by version. */
function toldIn(changelog: string): Map<string, string[]> {
  const versions = changelog.split(/^## /m).slice(1);
  return new Map(
    versions.map((text) => {
      const [heading = ''] = text.split('\n', 1);
      const section = /^### Changes of meaning\n([\s\S]*?)(?=^### |(?![\s\S]))/m.exec(text)?.[1] ?? '';
      return [heading.split(' ')[0] ?? '', section.split('\n').filter((line) => line.startsWith('- '))];
    }),
  );
}

describe('the table of changes of meaning', () => {
  const told = toldIn(readFileSync(join(packageRoot, 'CHANGELOG.md'), 'utf8'));

  test('matches the changelog, in the same order', () => {
    // Unreleased changes get the version that the product has now, without its suffix.
    const coming = productVersion().replace(/-.*/, '');
    const lines = [...told].flatMap(([heading, list]) =>
      list.map((line) => [heading === 'Unreleased' ? coming : heading, line]),
    );
    expect(lines.length).toBeGreaterThan(5);
    expect(
      meaningChanges.map(({ since, figure, text }) => [
        since,
        `- **${figure}**${text.startsWith(',') ? '' : ' '}${text}`,
      ]),
    ).toEqual(lines);
  });

  test('says each change once', () => {
    const changes = meaningChanges.map(({ since, figure, text }) => `${since} ${figure} ${text}`);
    expect(changes).toEqual([...new Set(changes)]);
  });

  test('is not ahead of the product version: unreleased changes have the number of the next release', () => {
    const released = [...told.keys()].filter((heading) => heading !== 'Unreleased');
    const isUnreleased = (told.get('Unreleased') ?? []).length > 0;
    if (isUnreleased) expect(released).not.toContain(productVersion());
  });
});

describe('points of two versions', () => {
  test.each([
    ['0.1.0', '0.1.0', false],
    ['0.2.0', '0.2.0-dev', false],
    ['0.2.0', '1.0.0', false],
    ['0.1.0', '0.2.0', true],
    ['0.2.0-dev', '0.1.9', true],
    ['0.1.0', '0.10.0', true],
  ])('%s and %s', (one, other, differ) => {
    expect(meaningChangesBetween(one, other).length > 0).toBe(differ);
    expect(meaningNote([one, other, null]) !== undefined).toBe(differ);
    expect(meaningNote([other, one])).toBe(meaningNote([one, other]));
  });

  test('get a note about measured figures that changed their meaning in between', () => {
    const note = meaningNote(['0.2.0-dev', '0.1.0']);
    expect(note).toMatch(/by version 0\.1\.0, some by 0\.2\.0-dev/);
    expect(note).toContain('TTFT, ITL, TPOT and E2EL; a reply of one token');
    expect(note).not.toContain('rices and power');
  });

  test('of other tools, or of one version, get no note', () => {
    expect(meaningNote([])).toBeUndefined();
    expect(meaningNote([null, '0.1.0'])).toBeUndefined();
  });
});
