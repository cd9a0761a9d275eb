import { expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import { parseYaml } from './yaml-positions.ts';

function problemsOf(text: string) {
  try {
    parseYaml('x.yaml', text);
  } catch (error) {
    if (error instanceof InputError) return error.problems;
    throw error;
  }
  return [];
}

test.each([
  ['a:\n  - { b: 1, c: 2\n', 3, 'a map in { } is not closed', 'add the missing }'],
  ['a: [1, 2\nb: 3\n', 2, 'a list in [ ] is not closed', 'add the missing ]'],
  ['a: "x\nb: 2\n', 3, 'a quoted text is not closed', 'add the missing quote'],
  ['a:\n   b: 1\n  c: 2\n', 3, 'wrong indentation', 'start in the same column'],
  ['a: b: c\n', 1, 'a key inside the value of another key', 'quote a text'],
  ['a: 1\nb: 2\na: 3\n', 3, 'duplicate key: the first is on line 1', 'merge both or rename one'],
])('a syntax error is explained without terms of the parser: %j', (text, line, message, hint) => {
  const [first] = problemsOf(text);
  expect(first?.line).toBe(line);
  expect(first?.message).toContain(message);
  expect(first?.hint).toContain(hint);
});
