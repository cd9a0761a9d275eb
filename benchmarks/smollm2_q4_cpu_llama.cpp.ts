import { singleNode } from './builders/single-node.ts';

/** Small enough for a laptop: every concurrency up to 8, and every shape up to 1,024 tokens, shares one start. */
const sharedSequences = 8;
const sharedContextTokens = 1024;

export const recipe = singleNode(({ conc, maxModelLen, replayed }) => ({
  flags: {
    // Agents of one session work in parallel.
    '--parallel': Math.max(sharedSequences, replayed ? 2 * conc : conc),
    '--context-per-sequence': Math.max(sharedContextTokens, maxModelLen),
    '--prefix-cache': replayed ? 'on' : undefined,
  },
}));
