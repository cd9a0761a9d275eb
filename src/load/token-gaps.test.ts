import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countedTokenGaps, tokenGaps } from './token-gaps.ts';

describe('tokenGaps', () => {
  it('returns the chunk gaps if each chunk is a token', () => {
    expect([...tokenGaps(Float32Array.of(1, 2, 3), 3)]).toEqual([1, 2, 3]);
  });

  it("divides a chunk's gap among its tokens", () => {
    expect([...tokenGaps(Float32Array.of(10, 20), 4)]).toEqual([5, 5, 10, 10]);
  });

  it('adds the gap of a chunk without a token to the next one', () => {
    expect([...tokenGaps(Float32Array.of(1, 2, 3, 4), 2)]).toEqual([3, 7]);
  });

  it('returns one gap per token and loses no time', () => {
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

describe('countedTokenGaps', () => {
  it('divides each gap by the tokens of its chunk', () => {
    // Chunks of 2, 3, 0 and 1 tokens.
    expect([...countedTokenGaps(Float32Array.of(9, 4, 5), Uint32Array.of(2, 5, 5, 6))]).toEqual([3, 3, 3, 9]);
  });

  it('returns one gap per token after the first chunk, and loses only the time after the last token', () => {
    const chunks = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 1000 })), {
      minLength: 2,
    });
    fc.assert(
      fc.property(chunks, (list) => {
        let count = 0;
        const counts = Uint32Array.from(list, ([tokens]) => (count += tokens));
        const gaps = Float32Array.from(list.slice(1), ([, gap]) => gap);
        const spread = countedTokenGaps(gaps, counts);
        expect(spread).toHaveLength(count - (counts[0] ?? 0));
        const lastWithTokens = list.findLastIndex(([tokens], index) => index > 0 && tokens > 0);
        const total = gaps.subarray(0, Math.max(0, lastWithTokens)).reduce((a, b) => a + b, 0);
        expect(spread.reduce((a, b) => a + b, 0)).toBeCloseTo(total, 0);
      }),
    );
  });
});
