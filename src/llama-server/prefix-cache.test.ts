import { expect, test } from 'vitest';
import { sharedTokens } from './prefix-cache.ts';

test.each([
  ['nothing in common', [9, 2], [1, 2], 0],
  ['a common beginning', [1, 2, 3, 8], [1, 2, 3, 4, 5], 3],
  ['all but the last token of a known prompt', [1, 2, 3, 4], [1, 2, 3, 4], 3],
  ['all that is known', [1, 2], [1, 2, 3, 4], 2],
  ['a prompt of one token', [1], [1], 0],
])('%s is found', (_, contextTokens, prompt, shared) => {
  expect(sharedTokens({ contextTokens }, prompt)).toBe(shared);
});
