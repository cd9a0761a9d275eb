import { expect, test } from 'vitest';
import { intervalRange, rangeNote } from './row-range.ts';

const interval = { range: intervalRange([1, 2]) };
const between = { range: { kind: 'between', of: [1, 2] } } as const;

test('a note explains the marks that its figure has, and no others', () => {
  expect(rangeNote([{ range: intervalRange(null) }])).toBe('');
  expect(rangeNote([interval, interval])).toBe(' Whiskers are 95\u00a0% intervals.');
  expect(rangeNote([between])).toMatch(/^ Bands [^.]*\.$/);
  expect(rangeNote([interval, between])).toMatch(/Whiskers.*Bands/);
});
