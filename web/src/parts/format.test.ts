import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  age,
  decimals,
  moment,
  percent,
  seconds,
  shortNumber,
  signedPercent,
  significant,
  usd,
  usdTo,
  withUnit,
} from './format.ts';

test('numbers are as short as possible and still right', () => {
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
  expect([0.196, 1.18, 12.3, 1234].map((value) => usdTo(value, 2))).toEqual([
    '$0.20',
    '$1.2',
    '$12',
    '$1,234',
  ]);
  expect([0.0423, -0.5, 0].map(signedPercent)).toEqual(['+4.2\u00a0%', '−50\u00a0%', '0\u00a0%']);
});

test('no line break separates a number from its unit', () => {
  expect([percent(0.655), seconds(290), withUnit(1234.5, 'tok/s'), withUnit(null, 'ms')]).toEqual([
    '65.5\u00a0%',
    '0.29\u00a0s',
    '1,235\u00a0tok/s',
    'not known',
  ]);
});

test('a time of exactly midnight is shown as the day alone, because the source has no more', () => {
  expect(moment('2026-06-11T00:00:00Z')).toBe('11 Jun 2026');
  expect(moment('2026-06-11T00:01:00Z')).toBe('11 Jun 2026, 00:01 UTC');
});

test('an age is in the largest unit that fits', () => {
  const now = Date.parse('2026-11-24T12:00:00Z');
  expect(age('2026-11-24T11:59:40Z', now)).toBe('just now');
  expect(age('2026-11-24T10:30:00Z', now)).toBe('1 hour ago');
  expect(age('2026-11-20T12:00:00Z', now)).toBe('4 days ago');
  expect(age(now / 1000 - 400 * 86_400, now)).toBe('1 year ago');
});

test('numbers and times are written as `Intl` writes them', () => {
  const anyNumber = fc.oneof(
    fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
    fc.double({ min: -1e9, max: -1e-9, noNaN: true }),
    fc.integer({ min: -1e8, max: 1e8 }).map((units) => units / 1e9),
    // Halves, which must not be rounded by their binary digits.
    fc.integer({ min: -1e7, max: 1e7 }).map((units) => units / 1000),
  );
  fc.assert(
    fc.property(anyNumber, fc.constantFrom(0, 1, 2), fc.constantFrom(2, 5), (value, places, digits) => {
      // The sign of a negative number rounded to 0 does not matter.
      const written = (options: Intl.NumberFormatOptions) =>
        new Intl.NumberFormat('en', { ...options, signDisplay: 'negative' }).format(value);
      expect(decimals(value, places)).toBe(written({ maximumFractionDigits: places }));
      expect(significant(value, digits)).toBe(written({ maximumSignificantDigits: digits }));
    }),
    { numRuns: 300 },
  );
  const anyTime = fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
  const date = new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  });
  const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' });
  fc.assert(
    fc.property(anyTime, (when) => {
      const isDayAlone = when.getTime() % 86_400_000 === 0;
      const of = isDayAlone ? '' : `, ${time.format(when)} UTC`;
      expect(moment(when.toISOString())).toBe(`${date.format(when)}${of}`);
    }),
  );
});
