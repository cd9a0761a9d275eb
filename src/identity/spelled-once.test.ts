import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseSync } from 'vite';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../package-root.ts';
import { identityFields, rowFields } from './spelling.ts';

/** All spellings of all fields: in configs and entries, scripts, rows, columns, the API and the page's URL. */
const spellings = new Set(
  [
    ...identityFields.map(({ entry }) => entry),
    ...rowFields.flatMap(({ row, column, script, api, role, line: { query, page } }) => [
      row,
      column,
      script,
      api,
      ...[query, page].flatMap((name) =>
        name === undefined ? [] : role === undefined ? name : `${role}_${name}`,
      ),
    ]),
  ].filter((name) => name !== undefined),
);
/** Spellings that always mean a field; `model` and `image` are also ordinary words. */
const unmistakable = new Set([...spellings].filter((name) => /[-_]|[a-z][A-Z]/.test(name)));

type Node = { readonly type: string; readonly start: number } & Readonly<Record<string, unknown>>;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/**
 * Field names that source code spells out, as a string or as a property that it defines. Reading a value by its name,
 * `entry['dp-attn']` or `{ specDecoding }`, does not count, because the type of the object already has the name.
 */
function spelledIn(file: string, text: string): string[] {
  const found: string[] = [];
  const report = (name: string, { start }: Node) =>
    found.push(`${file}:${text.slice(0, start).split('\n').length} ${name}`);
  const visit = (node: Node, parent: Node | undefined): void => {
    const name = node.type === 'Literal' ? node.value : node.type === 'Identifier' ? node.name : undefined;
    if (node.type === 'ObjectPattern' && Array.isArray(node.properties))
      for (const property of node.properties) if (isNode(property)) isInPattern.add(property);
    if (typeof name === 'string' && unmistakable.has(name) && isSpelled(file, node, parent))
      report(name, node);
    if (node.type === 'ArrayExpression' && fieldsNamed(node) > 2) report('a list of fields', node);
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child, node);
    }
  };
  visit(parseSync(file, text).program as unknown as Node, undefined);
  return found;
}

function isSpelled(file: string, node: Node, parent: Node | undefined): boolean {
  if (parent === undefined) return false;
  const isKey = parent.key === node && parent.computed !== true;
  // Options of a command are named like their flags.
  if (parent.type === 'TSPropertySignature' && file.startsWith('src/cli/commands/')) return false;
  if (node.type === 'Identifier') {
    if (!isKey || parent.shorthand === true) return false;
    return parent.type !== 'Property' || !isInPattern.has(parent);
  }
  if (parent.type === 'MemberExpression' && parent.property === node) return false;
  return !(isKey && parent.type === 'Property' && isInPattern.has(parent));
}

/**
 * Properties of patterns such as `const { isl, osl } = entry`, remembered by node, because nodes have no parent link.
 */
const isInPattern = new WeakSet<Node>();

function fieldsNamed({ elements }: Node): number {
  const items: readonly unknown[] = Array.isArray(elements) ? elements : [];
  return items.filter((one) => isNode(one) && one.type === 'Literal' && spellings.has(String(one.value)))
    .length;
}

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!['testdata', 'testing', 'node_modules', '__snapshots__'].includes(entry.name))
        yield* sources(path);
    } else if (/\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name)) yield path;
  }
}

/** Code that is about these names, or that fixed them for good. */
const exempt = ['src/identity/', 'src/store/migrations/'];

describe('the name of an identity field', () => {
  test('is spelled only in src/identity', () => {
    const found = ['src', 'web/src', 'benchmarks'].flatMap((folder) =>
      [...sources(join(packageRoot, folder))].flatMap((path) => {
        const file = relative(packageRoot, path);
        return exempt.some((beginning) => file.startsWith(beginning))
          ? []
          : spelledIn(file, readFileSync(path, 'utf8'));
      }),
    );
    expect(found).toEqual([]);
  });

  test.each([
    ['a text', `const column = 'spec_decoding';`],
    ['a name in an object', `const filter = { specDecoding: 'mtp' };`],
    ['a quoted name in an object', `const entry = { 'dp-attn': true };`],
    ['a type', `interface Row { readonly infmax_model_prefix: string }`],
    ['a list of shorter names', `const fields = ['hw', 'isl', 'osl'];`],
  ])('is found as %s', (_, source) => {
    expect(spelledIn('example.ts', source)).toHaveLength(1);
  });

  test.each([
    ['a value read by its name', `const spec = entry['spec-decoding'] ?? row.spec_decoding;`],
    ['a destructured value', `const { 'dp-attn': attention, specDecoding } = entry;`],
    ['a value passed on', `const series = { specDecoding };`],
  ])('is not found as %s', (_, source) => {
    expect(spelledIn('example.ts', source)).toEqual([]);
  });
});
