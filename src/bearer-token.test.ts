import { describe, expect, it } from 'vitest';
import { bearerToken } from './bearer-token.ts';

describe('a token from the environment', () => {
  it.each([
    ['sk-1', 'sk-1'],
    [' sk-1 ', 'sk-1'],
    ['', undefined],
    [' \t\n', undefined],
    [undefined, undefined],
  ])('%j is %j', (held, token) => {
    expect(bearerToken('KEY', held)).toBe(token);
  });

  it.each(['s3cret\n', 's3\ncret', 's3cret\r\nX: y', 's3\0cret', 's3\u001bcret', 's3\u0085cret'])(
    '%j is rejected without being printed',
    (held) => {
      expect(() => bearerToken('KEY', held)).toThrow(
        /^KEY contains a line break or another control character[^3]*$/,
      );
    },
  );
});
