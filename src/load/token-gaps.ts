/**
 * The gaps between tokens that the gaps between chunks stand for. With `tokens` after the first chunk in as many
 * chunks each gap is one token's; with more (speculative decoding, a stream interval) each chunk's gap is shared
 * evenly by the tokens it brought, of which the server's total, spread evenly over the chunks, is all that is known;
 * with fewer (a character in several pieces) a chunk without a token of its own lengthens the next one's gap.
 */
export function tokenGaps(chunkGapsMs: Float32Array, tokens: number): Float32Array {
  const chunks = chunkGapsMs.length;
  if (tokens === chunks) return chunkGapsMs;
  return shared(chunkGapsMs, chunks === 0 ? 0 : Math.max(0, tokens), (index) =>
    Math.floor(((index + 1) * tokens) / chunks),
  );
}

/**
 * The same where the server said with each chunk how many tokens there were so far: `counts`, one per chunk, the first
 * included, never descending. Each chunk's gap is then shared by exactly the tokens that it brought.
 */
export function countedTokenGaps(chunkGapsMs: Float32Array, counts: Uint32Array): Float32Array {
  const first = counts[0] ?? 0;
  const tokens = (counts[chunkGapsMs.length] ?? first) - first;
  return shared(chunkGapsMs, tokens, (index) => (counts[index + 1] ?? first) - first);
}

/** `upTo(index)`: how many of the tokens have come with the chunk that ends the gap. */
function shared(chunkGapsMs: Float32Array, tokens: number, upTo: (index: number) => number): Float32Array {
  const gaps = new Float32Array(tokens);
  let used = 0;
  let waitedMs = 0;
  for (let index = 0; index < chunkGapsMs.length; index++) {
    waitedMs += chunkGapsMs[index] ?? 0;
    const until = upTo(index);
    if (until <= used) continue;
    gaps.fill(waitedMs / (until - used), used, until);
    used = until;
    waitedMs = 0;
  }
  return gaps;
}
