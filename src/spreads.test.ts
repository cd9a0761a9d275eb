import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'vite';
import { expect, test } from 'vitest';
import { packageRoot } from './package-root.ts';

/** Problems with spreads in a source file, as `line: why`. The rules are under "Types and names" in CONTRIBUTING.md. */
function problemsIn(source: string, language: 'ts' | 'tsx' = 'tsx'): string[] {
  const { program, errors } = parseSync(`source.${language}`, source, { lang: language });
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  const problems: string[] = [];
  const visit = (node: unknown, parent: string): void => {
    if (Array.isArray(node)) for (const each of node) visit(each, parent);
    if (!isNode(node)) return;
    const problem = problemOf(node, parent);
    if (problem !== undefined) problems.push(`${source.slice(0, node.start).split('\n').length}: ${problem}`);
    for (const child of Object.values(node)) visit(child, node.type);
  };
  visit(program, '');
  return problems;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly argument?: unknown;
  readonly expression?: unknown;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function problemOf({ type, argument }: Node, parent: string): string | undefined {
  if (type !== 'SpreadElement' && type !== 'JSXSpreadAttribute') return undefined;
  const spread = withoutWrapping(argument);
  if (spread === 'ObjectExpression' || spread === 'ArrayExpression') return 'a literal is spread';
  const ofObject = type === 'JSXSpreadAttribute' || parent === 'ObjectExpression';
  const isConditional = spread === 'ConditionalExpression' || spread === 'LogicalExpression';
  return ofObject && isConditional ? 'what an object gets is spread on a condition' : undefined;
}

/** The kind of an expression without parentheses and assertions. */
function withoutWrapping(node: unknown): string {
  if (!isNode(node)) return '';
  const isWrapping = ['ParenthesizedExpression', 'TSAsExpression', 'TSSatisfiesExpression'].includes(
    node.type,
  );
  return isWrapping ? withoutWrapping(node.expression) : node.type;
}

test.each([
  'const a = { ...(b === undefined ? {} : { b }) };',
  'const a = {\n  ...(b\n    ? { b }\n    : {}),\n};',
  'const a = { ...(b && { b }) };',
  'const a = { ...(b ?? c) };',
  'const a = <p {...(b ? { b } : {})} />;',
  'const a = { ...{ b, c } };',
  "const a = [...['b', 'c']];",
  "const a = [...(['b'] as const)];",
  'f(...[b, c]);',
  'const a = <p {...{ b }} />;',
])('refuses %j', (source) => {
  expect(problemsIn(source)).toHaveLength(1);
});

test.each([
  'const a = { ...b, ...defined({ c, d: e ? f : undefined }) };',
  'const a = [...b, ...(c ? [d] : [])];',
  'const a = [...[b, c].map(d)];',
  'const a = <p {...b} />;',
])('accepts %j', (source) => {
  expect(problemsIn(source)).toEqual([]);
});

/** In formatted code, every rejected spread matches this; parsing all other files would take seconds. */
const canSpreadWrongly = /\.\.\.[({[]/;

test('no file spreads a literal, or a conditional expression into an object', () => {
  const files = globSync('{src,benchmarks,web,performance,test}/**/*.{ts,tsx}', {
    cwd: packageRoot,
    exclude: ['**/node_modules/**', '**/dist/**'],
  });
  expect(files.length).toBeGreaterThan(0);
  const problems = files.flatMap((file) => {
    const source = readFileSync(join(packageRoot, file), 'utf8');
    if (!canSpreadWrongly.test(source)) return [];
    return problemsIn(source, file.endsWith('x') ? 'tsx' : 'ts').map((problem) => `${file}:${problem}`);
  });
  expect(problems).toEqual([]);
});
