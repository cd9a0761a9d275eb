import { expect, test } from 'vitest';
import { pythonText } from './python-text.ts';

test.each([
  [null, 'None'],
  [undefined, 'None'],
  [[true, 1.5, 'a'], "[True, 1.5, 'a']"],
  [{ a: { b: "it's" } }, `{'a': {'b': "it's"}}`],
  [`both ' and "`, `'both \\' and "'`],
  ['back\\slash\n', "'back\\\\slash\\n'"],
  [
    new (class {
      toString = () => '1.0';
    })(),
    '1.0',
  ],
])('%j', (value, text) => {
  expect(pythonText(value)).toBe(text);
});
