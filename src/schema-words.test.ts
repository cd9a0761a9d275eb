import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { reasonFor } from './schema-words.ts';

function reason(schema: z.ZodType, value: unknown): string {
  return reasonFor(schema.safeParse(value).error);
}

describe('error messages for values', () => {
  test.each([
    [z.object({ rows: z.array(z.int()) }), { rows: [1, 'many'] }, 'rows[1]: expected a number, found "many"'],
    [z.object({ conc: z.int() }), {}, 'conc: missing; expected a number'],
    [z.object({ conc: z.int() }), { conc: 1.5 }, 'conc: expected a whole number, found 1.5'],
    [z.object({ a: z.record(z.string(), z.string()) }), { a: [] }, 'a: expected a map, found a list'],
    [z.enum(['fp8', 'fp4']), 'fp9', 'expected one of fp8, fp4, found "fp9"'],
    [z.int().positive(), 0, 'expected a number above 0, found 0'],
    [z.number().max(10), 11, 'expected a number of at most 10, found 11'],
    [z.strictObject({}), { a: 1, b: 2 }, "unknown fields 'a', 'b'"],
    [z.iso.datetime(), 'secret', 'expected a time such as 2026-01-14T10:15:00Z'],
    [z.union([z.string(), z.number()]), null, 'expected a text or a number, found nothing'],
    [
      z.array(z.union([z.object({ one: z.object({ tp: z.int() }) }), z.object({ other: z.string() })])),
      [{ one: { tp: 'x' } }],
      '[0].one.tp: expected a number, found "x"',
    ],
    [z.string().min(1, 'expected a text, found an empty one'), '', 'expected a text, found an empty one'],
    [z.boolean(), 'yes', 'expected true or false, found "yes"'],
  ])('%#: %s', (schema, value, words) => {
    expect(reason(schema, value)).toBe(words);
  });

  test('of many issues, the first are listed and the rest are counted', () => {
    expect(reason(z.array(z.number()), ['a', 'b', 'c', 'd', 'e'])).toMatch(
      /^\[0\]: .*; \[2\]: .*; and 2 more$/,
    );
  });

  test('a long value is cut off, and other errors have their message on one line', () => {
    expect(reason(z.number(), 'x'.repeat(500))).toMatch(/^expected a number, found "x{38}…$/);
    expect(reasonFor(new Error('one\n  two'))).toBe('one; two');
  });
});
