import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchConfigKeys, matchesPattern } from './config-keys.ts';

const keys = ['dsr1-fp8-h200-sglang', 'dsr1-fp4-b200-trt', 'dsr1-fp4-b200-trt-mtp', 'gptoss-fp4-b200-vllm'];

describe('matchConfigKeys', () => {
  test.each([
    [['dsr1-*'], keys.slice(0, 3)],
    [['*-b200-*'], keys.slice(1)],
    [['*trt'], ['dsr1-fp4-b200-trt']],
    [
      ['gptoss-fp4-b200-vllm', '*'],
      ['gptoss-fp4-b200-vllm', ...keys.slice(0, 3)],
    ],
  ])('%s names %s', (patterns, expected) => {
    expect(matchConfigKeys(patterns, keys)).toEqual(expected);
  });

  test('every pattern without a match is reported, a near miss with a suggestion', () => {
    expect(() => matchConfigKeys(['dsr1-fp4-b200-trtt', '70b-*'], keys)).toThrow(
      /no config key 'dsr1-fp4-b200-trtt' \(did you mean 'dsr1-fp4-b200-trt'\?\)\nno config key matches '70b-\*' \(the keys are/,
    );
    expect(() => matchConfigKeys(['a'], [])).toThrow(
      /no config key 'a' \(there is no config: name files with/,
    );
  });
});

test('a pattern matches exactly what its regular expression does', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '-'), maxLength: 8 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 6 });
  fc.assert(
    fc.property(text, pattern, (key, wildcard) => {
      expect(matchesPattern(key, wildcard)).toBe(new RegExp(`^${wildcard.replaceAll('*', '.*')}$`).test(key));
    }),
  );
});
