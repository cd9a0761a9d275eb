import { expect, test } from 'vitest';
import { isDatedAhead } from './dated-ahead.ts';

test('a time is dated ahead if neither clock differences nor time zones explain it', () => {
  const hourMs = 3_600_000;
  expect(isDatedAhead(Date.now())).toBe(false);
  expect(isDatedAhead(Date.now() + 23 * hourMs)).toBe(false);
  expect(isDatedAhead(Date.now() + 25 * hourMs)).toBe(true);
  expect(isDatedAhead(Date.parse('9000-01-01'))).toBe(true);
});
