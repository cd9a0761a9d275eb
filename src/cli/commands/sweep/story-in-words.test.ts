import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { knownTitles } from '../../../app/known-titles.ts';
import { SweepDirectory, storyOf } from '../../../sweep/index.ts';
import { storyInWords } from './story-in-words.ts';

/** Has a finished single-node session and a planned multi-node session. */
const recorded = fileURLToPath(new URL('../../../sweep/testdata/run-f9f169f', import.meta.url));

test('a session has the display names of its model, engine and hardware', async () => {
  const sweep = new SweepDirectory(recorded);
  const story = { ...storyOf(await sweep.read(), await sweep.history()), running: false };
  const words = storyInWords(story, recorded, await knownTitles());
  expect(words).toContain('\n  SmolLM2 135M Instruct, Q4, by llama.cpp on CPU\n');
  expect(words).toContain('\n  DeepSeek R1 0528, FP8, by SGLang, disaggregated on Instinct MI355X\n');
});
