import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokenGaps } from './token-gaps.ts';

describe('tokenGaps', () => {
  it('is the chunk gaps where each chunk is a token', () => {
    expect([...tokenGaps(Float32Array.of(1, 2, 3), 3)]).toEqual([1, 2, 3]);
  });

  it('shares a chunk gap among the tokens of the chunk', () => {
    expect([...tokenGaps(Float32Array.of(10, 20), 4)]).toEqual([5, 5, 10, 10]);
  });

  it('adds the gap of a chunk without a token to the next one', () => {
    expect([...tokenGaps(Float32Array.of(1, 2, 3, 4), 2)]).toEqual([3, 7]);
  });

  it('gives one gap per token and loses no time', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 500 }),
        (gaps, tokens) => {
          const spread = tokenGaps(Float32Array.from(gaps), tokens);
          expect(spread).toHaveLength(tokens);
          const total = gaps.reduce((a, b) => a + b, 0);
          expect(spread.reduce((a, b) => a + b, 0)).toBeCloseTo(total, 0);
        },
      ),
    );
  });
});
