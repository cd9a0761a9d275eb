import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { SweepDirectory, storyOf } from './index.ts';

/** A finished session of one node and a planned one of several, as commit f9f169f wrote them. */
const older = new SweepDirectory(fileURLToPath(new URL('testdata/run-f9f169f', import.meta.url)));

test('the plan of an older run is read as it was written', async () => {
  const sweep = await older.read();
  expect(sweep).toEqual(JSON.parse(await readFile(older.description, 'utf8')));
  expect(sweep.plan.sessions).toHaveLength(2);
});

test('the journal of an older run still says what happened', async () => {
  const story = storyOf(await older.read(), await older.history());
  const states = story.sessions.map(({ points }) => points.map(({ state }) => state));
  expect(states).toEqual([['finished', 'finished'], ['waiting']]);
});
