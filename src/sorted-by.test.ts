import { expect, test } from 'vitest';
import { sortedBy } from './sorted-by.ts';

const rows = [
  { hw: 'b', conc: 2 },
  { hw: 'a', conc: 10 },
  { hw: 'a', conc: 9, note: 'first' },
  { hw: 'a', conc: 9, note: 'second' },
  { conc: 1 },
];

test('sorts by each key in turn, numbers by value and missing values first, and keeps the order of equal rows', () => {
  expect(sortedBy(rows, [({ hw }) => hw, ({ conc }) => conc])).toEqual(
    [4, 2, 3, 1, 0].map((index) => rows[index]),
  );
});
