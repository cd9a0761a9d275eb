import { expect, test } from 'vitest';
import { age, shortNumber, signedPercent, usd } from './format.ts';

test('numbers are as short as they are still right', () => {
  expect([0, 0.01234, 0.5, 12.345, 123.456, 6512.7, 123_456, 2_345_678].map(shortNumber)).toEqual([
    '0',
    '0.012',
    '0.5',
    '12.35',
    '123.5',
    '6,513',
    '123k',
    '2.35M',
  ]);
  expect([null, undefined, Number.NaN].map(shortNumber)).toEqual(['–', '–', '–']);
  expect([0, 0.0123, 0.5, 3, 1234].map(usd)).toEqual(['$0', '$0.0123', '$0.500', '$3.00', '$1,234']);
  expect([0.0423, -0.5, 0].map(signedPercent)).toEqual(['+4.2 %', '−50 %', '0 %']);
});

test('an age is in the largest unit that fits', () => {
  const now = Date.parse('2026-11-24T12:00:00Z');
  expect(age('2026-11-24T11:59:40Z', now)).toBe('just now');
  expect(age('2026-11-24T10:30:00Z', now)).toBe('1 hour ago');
  expect(age('2026-11-20T12:00:00Z', now)).toBe('4 days ago');
  expect(age(now / 1000 - 400 * 86_400, now)).toBe('1 year ago');
});
