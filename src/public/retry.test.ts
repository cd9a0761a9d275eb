import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextPage } from './client.ts';
import { backoffMs, isTemporary, retryAfterMs } from './retry.ts';

describe('a pause between tries', () => {
  test.each([
    ['2', 2_000],
    ['0', 0],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Thu, 01 Jan 2025 00:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
    [null, undefined],
  ])('is what Retry-After: %s asks for', (header, expected) => {
    expect(retryAfterMs(header, Date.parse('2026-01-01T00:00:00Z'))).toBe(expected);
  });

  test('grows with each try up to a minute, and two that fail at once do not come back at once', () => {
    fc.assert(
      fc.property(
        fc.nat(40),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, draw) => {
          const ms = backoffMs(attempt, draw);
          expect(ms).toBeGreaterThanOrEqual(backoffMs(attempt, 0));
          expect(ms).toBeLessThanOrEqual(60_000);
          expect(backoffMs(attempt + 1, draw)).toBeGreaterThanOrEqual(ms);
        },
      ),
    );
    expect(backoffMs(3, 0.9)).toBeGreaterThan(backoffMs(3, 0.1));
  });

  test('is made where the same question may be answered, and not where it never will', () => {
    expect([408, 429, 500, 502, 503, 504].every(isTemporary)).toBe(true);
    expect([200, 304, 400, 401, 403, 404].some(isTemporary)).toBe(false);
  });
});

describe('the page after this one', () => {
  const at = 'http://api.test/api/v1/benchmarks?model=x';
  test.each([
    ['</api/v1/benchmarks?model=x&page=2>; rel="next"', 'http://api.test/api/v1/benchmarks?model=x&page=2'],
    ['<?page=1>; rel="prev", <?page=3>; rel="next"', 'http://api.test/api/v1/benchmarks?page=3'],
    ['<?page=3>; rel=next; title="more"', 'http://api.test/api/v1/benchmarks?page=3'],
    ['<http://elsewhere.test/page>; rel="next"', null],
    ['<?page=1>; rel="prev"', null],
    [null, null],
  ])('of Link: %s is %s', (link, expected) => {
    expect(nextPage(at, link)).toBe(expected);
  });
});
