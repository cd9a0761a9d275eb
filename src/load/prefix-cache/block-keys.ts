import type { Segment } from '../datasets/token-pool.ts';

/** A key for the content of each whole block: the same key means the same tokens. */
export function* blockKeys(segments: readonly Segment[], blockTokens: number): Generator<string> {
  let key = '';
  let missing = blockTokens;
  for (const { seed, tokens } of segments) {
    for (let from = 0; from < tokens; ) {
      const to = Math.min(tokens, from + missing);
      key += `${seed}:${from}-${to} `;
      missing -= to - from;
      from = to;
      if (missing > 0) continue;
      yield key;
      key = '';
      missing = blockTokens;
    }
  }
}
