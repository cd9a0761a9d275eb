import { expect, test } from 'vitest';
import { isStalePrice, monthName } from './price-age.ts';

test('a price is old four months after the end of its month', () => {
  expect(isStalePrice('2026-08', Date.UTC(2026, 10, 27))).toBe(false);
  expect(isStalePrice('2026-04', Date.UTC(2026, 10, 27))).toBe(true);
  expect(isStalePrice('2025-12', Date.UTC(2026, 3, 30))).toBe(false);
});

test('a month is written with its name', () => {
  expect(monthName('2026-08')).toBe('August 2026');
});
