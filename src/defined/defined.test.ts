import fc from 'fast-check';
import { expect, expectTypeOf, test } from 'vitest';
import { defined } from './defined.ts';

test('entries with a value are kept in their order, and no others', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.option(fc.anything(), { nil: undefined })), (entries) => {
      const kept = Object.entries(entries).filter(([, value]) => value !== undefined);
      expect(Object.entries(defined(entries))).toEqual(kept);
    }),
  );
});

test('null, false, 0 and an empty text are values', () => {
  expect(Object.keys(defined({ a: null, b: false, c: 0, d: '', e: undefined }))).toEqual([
    'a',
    'b',
    'c',
    'd',
  ]);
});

test('an entry that is always there stays required, and one that may be undefined becomes optional', () => {
  const [port, label]: [number, string | undefined] = [1, undefined];
  expectTypeOf(defined({ port, label: label as string | undefined })).toEqualTypeOf<
    { port: number } & { label?: string }
  >();
});
