import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Domain } from './scale.ts';
import { timeAxis, timeAxisLabel } from './time.ts';

const start = Date.UTC(2026, 0, 14, 2) / 1000;
const labels = (axis: Domain, pixels: number) => {
  const { ticks, format } = timeAxis(axis, pixels);
  return ticks.map(format);
};

test('an axis of three days names each day once', () => {
  expect(labels([start, start + 3 * 86_400], 900)).toEqual(['15 Jan', '16 Jan', '17 Jan']);
});

test('an axis of little more than a year names the year of its days', () => {
  expect(labels([start, start + 383 * 86_400], 675)).toContain('1 Feb 26');
});

test('an axis over two years names both', () => {
  const shown = labels([start - 60 * 86_400, start + 60 * 86_400], 500);
  expect(shown).toEqual(['1 Dec 2025', '1 Jan 2026', '1 Feb', '1 Mar']);
});

test('no two places of an axis of days or more have the same label', () => {
  const days = fc.double({ min: 2, max: 3000, noNaN: true });
  fc.assert(
    fc.property(days, fc.integer({ min: 200, max: 1600 }), (span, pixels) => {
      const shown = labels([start, start + span * 86_400], pixels);
      expect(shown.length).toBeGreaterThan(0);
      expect(new Set(shown).size).toBe(shown.length);
    }),
  );
});

test('an axis of hours names its day, and an axis of days does not', () => {
  const at = (iso: string) => Date.parse(iso) / 1000;
  expect(timeAxisLabel([at('2026-11-26T19:26:00Z'), at('2026-11-26T21:26:00Z')])).toBe('26 Nov 2026, UTC');
  expect(timeAxisLabel([at('2026-11-26T19:26:00Z'), at('2026-11-27T09:00:00Z')])).toBe(
    '26 Nov 2026 to 27 Nov 2026, UTC',
  );
  expect(timeAxisLabel([at('2026-11-20T00:00:00Z'), at('2026-11-27T00:00:00Z')])).toBe('');
});
