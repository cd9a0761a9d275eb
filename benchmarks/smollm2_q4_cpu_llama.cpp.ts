import type { Recipe } from '../src/plan/index.ts';

/** Small enough for a laptop: every concurrency up to 8, and every shape up to 1,024 tokens, shares one start. */
const sharedSequences = 8;
const sharedContextTokens = 1024;

export const recipe: Recipe = {
  server: ({ entry, conc }) => ({
    args: [
      '--parallel',
      String(Math.max(sharedSequences, conc)),
      '--context-per-sequence',
      String(Math.max(sharedContextTokens, entry['max-model-len'])),
      // As other engines do by default; prompts of fixed lengths have nothing in common.
      ...(entry.workload === undefined ? [] : ['--prefix-cache', 'on']),
    ],
    env: {},
    files: [],
    acceleratorCount: 1,
  }),
};
