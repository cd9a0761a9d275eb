import { expect, test } from 'vitest';
import { stumblesIn } from './stumbles.ts';
import { proseOf } from './texts.ts';

const phrases = (path: string, source: string) => stumblesIn(path, source).map(({ phrase }) => phrase);

test.each([
  'wait so long for the server', // how long
  'a cursor that is none',
  'a cursor which is no cursor',
  'where there is a store, it is used',
  'what nothing was measured of',
  'nothing is told about it',
  'a reply of whoever has the port',
  'for want of a tokenizer',
  'a room of its own',
  'tried in vain',
  'requests in flight at most',
  'the schemas are written anew',
])('a planted sentence is found in prose, comments, strings, templates and page texts: %s', (sentence) => {
  const [phrase = 'nothing'] = phrases('a.md', sentence);
  expect(sentence).toContain(phrase);
  expect(phrases('a.md', `# Title\n\n- ${sentence}.\n`)).toEqual([phrase]);
  expect(phrases('a.ts', `const a = 1; // ${sentence}\n`)).toEqual([phrase]);
  expect(phrases('a.ts', `/**\n * First line.\n * ${sentence}.\n */\n`)).toEqual([phrase]);
  expect(phrases('a.ts', `fail('${sentence}');`)).toEqual([phrase]);
  expect(phrases('a.ts', `fail(\`\${of({ a: '}' })} ${sentence}, \${b}\`);`)).toEqual([phrase]);
  expect(phrases('a.tsx', `const a = <p class="b">\n  ${sentence}, {b}</p>;`)).toEqual([phrase]);
});

test('a phrase that a line break divides is found, at its line and column', () => {
  expect(stumblesIn('a.ts', '/**\n * One.\n * Written for\n * want of a better one.\n */')).toMatchObject([
    { line: 3, column: 12, phrase: 'for want of' },
  ]);
});

test('code is not prose', () => {
  expect(phrases('a.md', 'Use `told` as in:\n\n```ts\ntold(whoever);\n```\n')).toEqual([]);
  expect(phrases('a.ts', 'told(whoever, /told "/, a / b, `$' + '{told}`, c / d);')).toEqual([]);
});

test('plain sentences pass', () => {
  const plain =
    'There is no store. It retries at most 3 times, as long as the server is ready. It is no longer used.';
  expect(phrases('a.md', plain)).toEqual([]);
});

test('a quote within a regular expression or an element does not end a string', () => {
  const texts = proseOf('a.tsx', "const a = /'/; const b = <p>It's {c ? 'one' : 'two'}</p>; // last").map(
    ({ text }) => text,
  );
  expect(texts).toContain('one');
  expect(texts).toContain('two');
  expect(texts).toContain(' last');
});
