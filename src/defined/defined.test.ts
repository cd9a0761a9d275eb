import fc from 'fast-check';
import { expect, expectTypeOf, test } from 'vitest';
import { defined } from './defined.ts';

test('only entries with a value are kept, in order', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.option(fc.anything(), { nil: undefined })), (entries) => {
      const kept = Object.entries(entries).filter(([, value]) => value !== undefined);
      expect(Object.entries(defined(entries))).toEqual(kept);
    }),
  );
});

test('null, false, 0 and an empty string are values', () => {
  expect(Object.keys(defined({ a: null, b: false, c: 0, d: '', e: undefined }))).toEqual([
    'a',
    'b',
    'c',
    'd',
  ]);
});

test('a required entry stays required, and one that may be undefined becomes optional', () => {
  const [port, label]: [number, string | undefined] = [1, undefined];
  expectTypeOf(defined({ port, label: label as string | undefined })).toEqualTypeOf<
    { port: number } & { label?: string }
  >();
});
