import { expect, test } from 'vitest';
import { z } from 'zod';
import { listOf, valuesOf } from './bounded-list.ts';
import { reasonFor } from './schema-words.ts';

const point = z.object({ conc: z.int() });

test('a list is parsed element by element', () => {
  expect(listOf(point).parse([{ conc: 1 }, { conc: 2, more: 3 }])).toEqual([{ conc: 1 }, { conc: 2 }]);
  expect(valuesOf(listOf(point)).parse({ a: [{ conc: 1 }], b: [] })).toEqual([[{ conc: 1 }], []]);
});

test('of a million wrong elements, the first few are reported with their positions', () => {
  const list = Array.from({ length: 1_000_000 }, () => ({ conc: 'x' }));
  const { error } = listOf(point).safeParse(list);
  expect(error?.issues).toHaveLength(10);
  expect(error?.issues[1]).toMatchObject({ path: [1, 'conc'] });
  expect(reasonFor(error)).toBe(
    '[0].conc: expected a number, found "x"; [1].conc: expected a number, found "x"; [2].conc: expected a number, found "x"; and 7 more',
  );
});

test('of a map with a million wrong values, the first few are reported', () => {
  const map = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`k${at}`, 1]));
  const { error } = valuesOf(listOf(point)).safeParse(map);
  expect(error?.issues).toHaveLength(10);
  expect(error?.issues[0]).toMatchObject({ path: ['k0'], message: 'expected a list, found 1' });
});

test('of many unknown fields, ten are reported', () => {
  const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`k${at}`, 1]));
  expect(reasonFor(z.strictObject({}).safeParse(many).error)).toMatch(/'k9' and 99990 more$/);
});
