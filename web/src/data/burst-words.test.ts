import { expect, test } from 'vitest';
import { burstWords } from './burst-words.ts';

test('bursts are described as a reader sees them, with the gap', () => {
  expect(burstWords({ of: 'half', gapMs: 3623, tokens: 248.8 })).toBe(
    'bursts of about 249 tokens, 3.62\u00a0s apart',
  );
  expect(burstWords({ of: 'one-in-100', gapMs: 1020, tokens: 51 })).toBe(
    'pauses of 1.02\u00a0s or longer in 1\u00a0% of the gaps between tokens',
  );
});
