/**
 * The gaps between tokens that the gaps between chunks stand for. With `tokens` after the first chunk in as many
 * chunks each gap is one token's; with more (speculative decoding, a stream interval) each chunk's gap is shared
 * evenly by the tokens it brought, of which the server's total, spread evenly over the chunks, is all that is known;
 * with fewer (a character in several pieces) a chunk without a token of its own lengthens the next one's gap.
 */
export function tokenGaps(chunkGapsMs: Float32Array, tokens: number): Float32Array {
  const chunks = chunkGapsMs.length;
  if (tokens === chunks) return chunkGapsMs;
  const gaps = new Float32Array(chunks === 0 ? 0 : Math.max(0, tokens));
  let used = 0;
  let waitedMs = 0;
  for (let index = 0; index < chunks; index++) {
    waitedMs += chunkGapsMs[index] ?? 0;
    const upTo = Math.floor(((index + 1) * tokens) / chunks);
    if (upTo <= used) continue;
    gaps.fill(waitedMs / (upTo - used), used, upTo);
    used = upTo;
    waitedMs = 0;
  }
  return gaps;
}
