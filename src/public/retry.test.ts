import { describe, expect, test } from 'vitest';
import { nextPage } from './client.ts';
import { isTemporary } from './retry.ts';

describe('a retry', () => {
  test('is made after temporary failures, and not after permanent ones', () => {
    expect([408, 429, 500, 502, 503, 504].every(isTemporary)).toBe(true);
    expect([200, 304, 400, 401, 403, 404].some(isTemporary)).toBe(false);
  });
});

describe('the next page', () => {
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
