import { describe, expect, it } from 'vitest';
import { defined } from '../../defined/defined.ts';
import { mergedUse, reasonsOfSpread } from './spread.ts';

const use = (address: string, requests: number, skipped?: string) => ({
  address,
  requests,
  ...defined({ skipped }),
});

describe('a test over several addresses of a name', () => {
  it.each([
    ['spread', [use('10.0.0.1', 8), use('10.0.0.2', 8)]],
    ['with an uneven distribution', [use('10.0.0.1', 15), use('10.0.0.2', 1)]],
    ['on a server with a single address', []],
    ['without any reachable IPv6 address', [use('10.0.0.1', 9), use('fd00::1', 0, 'no route')]],
    ['with fewer requests than addresses', [use('10.0.0.1', 1), use('10.0.0.2', 0)]],
    ['without requests', [use('10.0.0.1', 0), use('10.0.0.2', 0)]],
  ])('%s raises no doubt', (_, addresses) => {
    expect(reasonsOfSpread(addresses)).toEqual([]);
  });

  it.each([
    [
      [use('10.0.0.1', 16), use('10.0.0.2', 0)],
      /^10\.0\.0\.1, one of the 2 addresses .* got all 16 requests$/,
    ],
    [
      [use('10.0.0.1', 16), use('10.0.0.2', 0, 'connect ECONNREFUSED')],
      /got all 16 requests: 10\.0\.0\.2 was skipped: connect ECONNREFUSED$/,
    ],
    [
      [use('10.0.0.1', 8), use('10.0.0.2', 8), use('10.0.0.3', 0)],
      /^1 of the 3 .* got no request \(10\.0\.0\.3\)$/,
    ],
    [[use('fd00::1', 8), use('fd00::2', 0), use('10.0.0.3', 0)], /got all 8 requests/],
  ])('%j raises a doubt', (addresses, reason) => {
    expect(reasonsOfSpread(addresses)).toEqual([expect.stringMatching(reason)]);
  });
});

describe('the addresses of shards', () => {
  it('cover the whole test', () => {
    expect(
      mergedUse([
        use('a', 5),
        use('b', 0, 'refused'),
        use('b', 4),
        use('a', 3),
        use('c', 0, 'x'),
        use('c', 0, 'x'),
      ]),
    ).toEqual([use('a', 8), use('b', 4), use('c', 0, 'x')]);
  });
});
