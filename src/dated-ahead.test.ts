import { expect, test } from 'vitest';
import { isDatedAhead } from './dated-ahead.ts';

test('a time is dated ahead if no difference of clocks or zones explains it', () => {
  const hourMs = 3_600_000;
  expect(isDatedAhead(Date.now())).toBe(false);
  expect(isDatedAhead(Date.now() + 23 * hourMs)).toBe(false);
  expect(isDatedAhead(Date.now() + 25 * hourMs)).toBe(true);
  expect(isDatedAhead(Date.parse('9000-01-01'))).toBe(true);
});
