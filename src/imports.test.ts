import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from './package-root.ts';

/**
 * The rules are the two tables under "Imports" in ARCHITECTURE.md: allowed imports per room, and files importable
 * directly.
 */
const { mayImport, open } = rulesIn(readFileSync(join(packageRoot, 'ARCHITECTURE.md'), 'utf8'));

function rulesIn(markdown: string) {
  const section = /^## Imports$([\s\S]*?)^## /m.exec(markdown)?.[1] ?? '';
  const rows = [...section.matchAll(/^\| `([^`]+)` +\| (.*?) +\|$/gm)];
  const names = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
  const isFile = (name: string) => /\.tsx?$/.test(name) && !name.includes('*');
  return {
    mayImport: new Map(
      rows.flatMap(([, room = '', cell]) => (isFile(room) ? [] : [[room, names(cell)] as const])),
    ),
    open: new Set(rows.flatMap(([, file = '']) => (isFile(file) ? [file] : []))),
  };
}

/** The source files of the product, by path from its root; `tests` includes those for development only. */
function files({ tests }: { readonly tests: boolean }): string[] {
  const all = globSync('{src,benchmarks,web,performance,test}/**/*.{ts,tsx}', {
    cwd: packageRoot,
    exclude: ['**/node_modules/**', '**/testdata/**'],
  });
  return tests ? all : all.filter((file) => !/^(performance|test)\/|\.test\.tsx?$|\.snap/.test(file));
}

/** The specifiers that a source file imports or re-exports, including types. */
function specifiers(source: string): string[] {
  const statement = /^[ \t]*(?:import|export)\b[^'"`;=]*?\bfrom\s*['"]([^'"]+)['"]/gm;
  const effect = /^[ \t]*import\s*['"]([^'"]+)['"]/gm;
  const call = /\bimport\(\s*['"]([^'"]+)['"]/g;
  return [statement, effect, call].flatMap((form) =>
    [...source.matchAll(form)].map(([, specifier = '']) => specifier),
  );
}

/** The imports between files of the repository, as [from, to]. */
function imports(of: readonly string[]): (readonly [from: string, to: string])[] {
  return of.flatMap((from) =>
    specifiersOf(from)
      .filter((specifier) => specifier.startsWith('.'))
      .map(
        (specifier) => [from, relative(packageRoot, resolve(packageRoot, dirname(from), specifier))] as const,
      ),
  );
}

function specifiersOf(file: string): string[] {
  return specifiers(readFileSync(join(packageRoot, file), 'utf8'));
}

const loose = 'src/*.ts';

/** The room of a file: a folder of `src/`, the loose files of `src/`, or another top-level folder. */
function roomOf(file: string): string {
  const [folder = '', room = ''] = file.split('/');
  if (folder !== 'src') return folder;
  return /\.ts$/.test(room) ? loose : room;
}

const product = files({ tests: false });
const between = imports(product).filter(([from, to]) => roomOf(from) !== roomOf(to));

test('every form of import is recognized', () => {
  const source = `
    import a from './a.ts';
    import type { B } from './b.ts';
    import {
      c,
      type C,
    } from './c.ts';
    export * from './d.ts';
    export type { E } from "./e.ts";
    import './f.css';
    const load = async () => (await import('./g.ts')).g;
    type H = typeof import('./h.ts');
    // import { x } from './x.ts'
    const text = 'import { y } from here';
    export const z = from('z');
  `;
  const expected = ['a.ts', 'b.ts', 'c.ts', 'd.ts', 'e.ts', 'f.css', 'g.ts', 'h.ts'].map(
    (name) => `./${name}`,
  );
  expect(specifiers(source).toSorted()).toEqual(expected);
});

test('the table lists every room, and rooms import only rooms listed above them', () => {
  const rooms = [...mayImport.keys()];
  expect(rooms.toSorted()).toEqual([...new Set(product.map(roomOf))].toSorted());
  const upwards = [...mayImport].flatMap(([room, allowed]) =>
    allowed
      .filter((other) => !(rooms.indexOf(other) < rooms.indexOf(room)))
      .map((other) => `${room} → ${other}`),
  );
  // If all imports point upwards, there are no cycles.
  expect(upwards).toEqual([]);
});

test('a room imports only what the table allows', () => {
  const refused = between
    .filter(([from, to]) => !mayImport.get(roomOf(from))?.includes(roomOf(to)))
    .map(([from, to]) => `${from} imports ${to}: see "Imports" in ARCHITECTURE.md`);
  expect(refused).toEqual([]);
});

test('the table allows no unused imports', () => {
  const used = new Set(between.map(([from, to]) => `${roomOf(from)} → ${roomOf(to)}`));
  const allowed = [...mayImport].flatMap(([room, others]) => others.map((other) => `${room} → ${other}`));
  expect(allowed.filter((arrow) => !used.has(arrow))).toEqual([]);
});

test('a room with an index.ts is imported through it', () => {
  const isClosed = (file: string) => existsSync(join(packageRoot, 'src', roomOf(file), 'index.ts'));
  const past = between.filter(([, to]) => isClosed(to) && to !== `src/${roomOf(to)}/index.ts`);
  const refused = past.filter(([, to]) => !open.has(to));
  expect(refused.map(([from, to]) => `${from} imports ${to}, not src/${roomOf(to)}/index.ts`)).toEqual([]);
  expect([...open].filter((file) => !past.some(([, to]) => to === file))).toEqual([]);
});

test('there are no import cycles between files', () => {
  const next = Map.groupBy(imports(files({ tests: true })), ([from]) => from);
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at !== -1) circles.push([...path.slice(at), file].join(' → '));
    if (at !== -1 || done.has(file)) return;
    for (const [, to] of next.get(file) ?? []) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of next.keys()) visit(file, []);
  expect(circles).toEqual([]);
});

test('code for the browser imports nothing from Node', () => {
  const inBrowsers = product.filter((file) => /^(web\/src|src\/derived)\//.test(file));
  expect(inBrowsers.length).toBeGreaterThan(0);
  const ofNode = inBrowsers.filter((file) => specifiersOf(file).some((name) => name.startsWith('node:')));
  expect(ofNode).toEqual([]);
});

test('no command imports another', () => {
  const commandOf = (file: string) => /^src\/cli\/commands\/([^/.]+)/.exec(file)?.[1];
  const ofCommands = imports(product).filter(([from]) => commandOf(from) !== undefined);
  expect(ofCommands.length).toBeGreaterThan(0);
  const crossing = ofCommands.filter(
    ([from, to]) => commandOf(to) !== undefined && commandOf(to) !== commandOf(from),
  );
  expect(crossing).toEqual([]);
});

/** The files that are loaded with a file, including itself; not type imports and dynamic imports. */
function loadedWith(file: string, loaded = new Set<string>()): Set<string> {
  if (loaded.has(file)) return loaded;
  loaded.add(file);
  const source = readFileSync(join(packageRoot, file), 'utf8');
  const statement = /^[ \t]*(?:import|export)\b(?! type\b)[^'"`;=]*?\bfrom\s*['"](\.[^'"]+)['"]/gm;
  for (const [, specifier = ''] of source.matchAll(statement)) {
    loadedWith(relative(packageRoot, resolve(packageRoot, dirname(file), specifier)), loaded);
  }
  return loaded;
}

test('a load test starts without code that only other commands or publishing need', () => {
  const loaded = [...loadedWith('src/cli/commands/bench.ts')];
  expect(loaded).toContain('src/load/run.ts');
  const heavy = loaded.filter((file) => /^src\/(store|config|results|app|telemetry|launchers)\//.test(file));
  expect(heavy).toEqual([]);
});
