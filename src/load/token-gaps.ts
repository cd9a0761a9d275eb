/**
 * Derives the gaps between tokens from the gaps between chunks. If as many tokens as chunks follow the first chunk,
 * each gap belongs to one token. If there are more (speculative decoding, a stream interval), each chunk's gap is
 * divided evenly among its tokens; only the total is known, so it is spread evenly over the chunks. If there are fewer
 * (a character in several pieces), the gap of a chunk without a token is added to the next one.
 */
export function tokenGaps(chunkGapsMs: Float32Array, tokens: number): Float32Array {
  const chunks = chunkGapsMs.length;
  if (tokens === chunks) return chunkGapsMs;
  return shared(chunkGapsMs, chunks === 0 ? 0 : Math.max(0, tokens), (index) =>
    Math.floor(((index + 1) * tokens) / chunks),
  );
}

/**
 * The same if the server reports a running token count with each chunk. `counts` has one element per chunk, including
 * the first, and never descends. Each chunk's gap is divided by exactly the tokens it carried.
 */
export function countedTokenGaps(chunkGapsMs: Float32Array, counts: Uint32Array): Float32Array {
  const first = counts[0] ?? 0;
  const tokens = (counts[chunkGapsMs.length] ?? first) - first;
  return shared(chunkGapsMs, tokens, (index) => (counts[index + 1] ?? first) - first);
}

/** `upTo(index)`: how many of the tokens have arrived with the chunk that ends the gap. */
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
