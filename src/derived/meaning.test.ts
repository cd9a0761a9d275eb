import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../package-root.ts';
import { productVersion } from '../product-version.ts';
import { meaningChanges, meaningChangesBetween, meaningNote } from './meaning.ts';

/** The changes of meaning that a changelog tells, as lines under the heading of their version. */
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

  test('is what the changelog tells, in the same order', () => {
    // What is not released yet will be a version of the number that the product has now.
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

  test('is not ahead of the version: what is unreleased has the number of the next one', () => {
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

  test('are told what changed between them, of what is measured only', () => {
    const note = meaningNote(['0.2.0-dev', '0.1.0']);
    expect(note).toMatch(/by version 0\.1\.0, some by 0\.2\.0-dev/);
    expect(note).toContain('TTFT, ITL, TPOT and E2EL; a reply of one token');
    expect(note).not.toContain('rices and power');
  });

  test('of other tools, or alone, have nothing to be told', () => {
    expect(meaningNote([])).toBeUndefined();
    expect(meaningNote([null, '0.1.0'])).toBeUndefined();
  });
});
