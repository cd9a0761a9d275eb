import { describe, expect, it } from 'vitest';
import { httpDateMs, retryAfterSeconds } from './retry-after.ts';

const nowMs = Date.UTC(2026, 10, 26, 20, 0, 0);
const seconds = (value: string, date?: string): number | undefined =>
  retryAfterSeconds(
    new Map([['retry-after', value], ...(date === undefined ? [] : [['date', date] as const])]),
    nowMs,
  );

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    ['7', 7],
    ['1.5', 1.5],
    [' 12 ', 12],
    ['Thu, 26 Nov 2026 20:00:09 GMT', 9],
    ['Thursday, 26-Nov-26 20:00:09 GMT', 9],
    ['Thu Nov 26 20:00:09 2026', 9],
    ['Sun Dec  6 20:00:00 2026', 10 * 86_400],
    ['Thu, 26 Nov 2026 19:59:00 GMT', 0],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 0],
  ])('%s', (value, expected) => {
    expect(seconds(value)).toBe(expected);
  });

  it.each([
    '',
    '-5',
    '5s',
    'soon',
    '0x10',
    '1e9',
    'Infinity',
    '٣',
    '2026-11-26T20:00:09Z',
    'Thu, 26 Nov 2026',
    'Thu, 26 Foo 2026 20:00:09 GMT',
    'Thu, 99 Nov 2026 20:00:09 GMT',
    'Thu, 26 Nov 2026 99:00:09 GMT',
    'Thu, 26 Nov 2026 20:00:09',
    'Thu, 26 Nov 2026 20:00:09 +0100',
    'constructor',
  ])('ignores %s', (value) => {
    expect(seconds(value)).toBeUndefined();
  });

  it("uses the server's own clock", () => {
    expect(seconds('Thu, 26 Nov 2020 20:00:09 GMT', 'Thu, 26 Nov 2020 20:00:00 GMT')).toBe(9);
    expect(seconds('Thu, 26 Nov 2026 20:00:09 GMT', 'nonsense')).toBe(9);
  });

  it('asks for no wait if it is missing', () => {
    expect(retryAfterSeconds(new Map(), nowMs)).toBeUndefined();
    expect(retryAfterSeconds(new Headers(), nowMs)).toBeUndefined();
  });

  it('puts two-digit years in the right century', () => {
    expect(httpDateMs('Sunday, 06-Nov-94 08:49:37 GMT', nowMs)).toBe(Date.UTC(1994, 10, 6, 8, 49, 37));
    expect(httpDateMs('Sunday, 06-Nov-60 08:49:37 GMT', nowMs)).toBe(Date.UTC(2060, 10, 6, 8, 49, 37));
  });
});
