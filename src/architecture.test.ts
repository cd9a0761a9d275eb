import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { packageRoot } from './package-root.ts';

const read = (path: string) => readFileSync(join(packageRoot, path), 'utf8');

/** The rows of the first table under a heading of ARCHITECTURE.md, as lists of cells. */
function tableUnder(heading: string): string[][] {
  const after = read('ARCHITECTURE.md').split(`\n## ${heading}\n`)[1] ?? '';
  const [section = ''] = after.split('\n## ');
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const quoted = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

test('the table of dependencies lists every dependency with its reason, and no others', () => {
  const names = z.record(z.string(), z.string());
  const { dependencies, devDependencies } = z
    .object({ dependencies: names, devDependencies: names })
    .parse(JSON.parse(read('package.json')));
  const table = tableUnder('Dependencies, each on purpose');
  const listed = table.flatMap(([cell]) => quoted(cell));
  expect(listed.toSorted()).toEqual(Object.keys({ ...dependencies, ...devDependencies }).toSorted());
  expect(table.filter(([, reason = '']) => reason === '')).toEqual([]);
  const forTests = table.filter(([cell = '']) => cell.includes('(tests)')).flatMap(([cell]) => quoted(cell));
  expect(forTests.filter((name) => name in dependencies)).toEqual([]);
});

test('the glossary has at most 25 nouns, each with an existing type', () => {
  const glossary = tableUnder('Glossary');
  expect(glossary.length).toBeGreaterThan(0);
  expect(glossary.length).toBeLessThanOrEqual(25);
  const nouns = glossary.map(([noun]) => noun);
  const types = glossary.map(([, , type = '']) => type);
  expect(new Set(nouns).size).toBe(nouns.length);
  expect(new Set(types).size).toBe(types.length);
  const missing = glossary.filter(([, , type, file]) => {
    const [[name = ''], [path = '']] = [quoted(type), quoted(file)];
    return !new RegExp(`^export (?:interface|type|class) ${name}\\b`, 'm').test(read(path));
  });
  expect(missing).toEqual([]);
});

test('every file and folder in the table of changes exists', () => {
  const table = tableUnder('Where a change goes');
  expect(table.length).toBeGreaterThan(10);
  const written = table.flatMap(([, write]) => quoted(write));
  const readBeside = table.flatMap(([, , guide = '']) => /\(([^)#]+)/.exec(guide)?.[1] ?? []);
  expect(readBeside).toHaveLength(table.length);
  expect([...written, ...readBeside].filter((path) => !existsSync(join(packageRoot, path)))).toEqual([]);
});

test('no two exported types have the same name', () => {
  const files = globSync('{src,benchmarks,web,performance,test}/**/*.{ts,tsx}', {
    cwd: packageRoot,
    exclude: ['**/node_modules/**', '**/dist/**'],
  });
  const types = files.flatMap((file) =>
    [...read(file).matchAll(/^export (?:abstract )?(?:interface|type|class) (\w+)/gm)].map(
      ([, name = '']) => ({ name, file }),
    ),
  );
  expect(types.length).toBeGreaterThan(0);
  const twice = [...Map.groupBy(types, ({ name }) => name)].filter(([, of]) => of.length > 1);
  expect(twice.map(([name, of]) => `${name}: ${of.map(({ file }) => file).join(', ')}`)).toEqual([]);
});
