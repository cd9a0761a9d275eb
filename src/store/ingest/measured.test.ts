import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomNumbers, somePoint, syntheticRow } from '../../../test/support/synthetic-results.ts';
import { type AggregateRow, parseAggregateRow } from '../../results/index.ts';
import { configurationOf } from '../configuration.ts';
import { measuredOf, rowKey } from './measured.ts';

const row = syntheticRow(somePoint, randomNumbers(1));

test('the key of a row depends on its values, and not on the order of its fields', () => {
  const names = fc.constantFrom('p95_ttft', 'median_ttft', 'note', 'ä');
  const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string(), fc.boolean());
  fc.assert(
    fc.property(fc.dictionary(names, value), fc.dictionary(names, value), (one, other) => {
      const a: AggregateRow = { ...row, ...one };
      const b: AggregateRow = { ...row, ...other };
      const turned = parseAggregateRow(Object.fromEntries(Object.entries(a).toReversed()));
      expect(rowKey(turned)).toBe(rowKey(a));
      expect(rowKey(a) === rowKey(b)).toBe(isDeepStrictEqual(a, b));
    }),
  );
});

test('keys never change, because stores and links contain them', () => {
  expect(rowKey(row)).toBe('4f7a604e0a4f4582a89d2bc9a38eebf39841a0c73c58f556426ffc884baf955e');
  expect(configurationOf(row).key).toBe('d3e5e23520927058');
});

test('rows that differ only in the spelling of DP attention have the same configuration', () => {
  expect(configurationOf({ ...row, dp_attention: 'False' }).key).toBe(configurationOf(row).key);
  expect(configurationOf({ ...row, dp_attention: 'true' }).key).not.toBe(configurationOf(row).key);
});

test('anything but a row or a raw result is rejected with an explanation', () => {
  expect(() => measuredOf(undefined, {}, { file: 'x', measuredAt: 0 })).toThrow(
    /^its aggregate row is invalid: /,
  );
  expect(() => measuredOf('{"date": "yesterday"}', row, { file: 'x', measuredAt: 0 })).toThrow(
    "date 'yesterday' is not a date",
  );
});
