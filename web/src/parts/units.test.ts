import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** A figure, an ordinary space and its unit: the line can break between them. */
const parted = /(?:\}|\d) (?:(?:%|ms|s|tok\/s|kW|W|GB)(?=[\s`'"<.,;:)/]|$)|\$?\{[\w.]*unit\})/;

/** Sources without their comments. */
function partedIn(source: string): string[] {
  return source
    .split('\n')
    .flatMap((line, index) =>
      /^\s*(?:\/?\*|\/\/)/.test(line) || !parted.test(line) ? [] : `${index + 1}: ${line.trim()}`,
    );
}

test('the page writes numbers with units by `quantity`, `percent` or `withUnit`, so that no line break separates them', () => {
  const root = join(import.meta.dirname, '..');
  const found = globSync('**/*.{ts,tsx}', { cwd: root })
    .filter((path) => !path.endsWith('.test.ts'))
    .flatMap((path) => partedIn(readFileSync(join(root, path), 'utf8')).map((line) => `${path}:${line}`));
  expect(found).toEqual([]);
});

test.each([
  ['{x} tok/s per GPU', 1],
  ["'90 % of the users'", 1],
  ['{shortNumber(x)} ms', 1],
  ['{x} {axis.unit}', 1],
  ['/** `0.29 s`: read in seconds. */', 0],
  ["quantity(x, 'tok/s')", 0],
  ['{count} sessions', 0],
])('%s', (source, found) => {
  expect(partedIn(source)).toHaveLength(found);
});
