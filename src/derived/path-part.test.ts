import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromPathPart, pathPart } from './path-part.ts';

test('keeps plain names, and escapes other characters', () => {
  expect(pathPart('llama.cpp')).toBe('llama.cpp');
  expect(pathPart('a/b~c é')).toBe('a=2fb=7ec=20=c3=a9');
  for (const part of ['a=zz', '=2F', '=61', '=c3', 'a/b', '%41'])
    expect(fromPathPart(part), part).toBeUndefined();
});

test('maps different names to different parts, each a single path part', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (one, other) => {
      expect(pathPart(one)).toMatch(/^[A-Za-z0-9._=-]*$/);
      expect(fromPathPart(pathPart(one))).toBe(one);
      if (one !== other) expect(pathPart(one)).not.toBe(pathPart(other));
    }),
  );
});
