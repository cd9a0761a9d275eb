import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { SweepDirectory, storyOf } from './index.ts';

/** A finished single-node session and a planned multi-node one, as written by commit f9f169f. */
const older = new SweepDirectory(fileURLToPath(new URL('testdata/run-f9f169f', import.meta.url)));

test('the plan of an older run can be read', async () => {
  const sweep = await older.read();
  expect(sweep).toEqual(JSON.parse(await readFile(older.description, 'utf8')));
  expect(sweep.plan.sessions).toHaveLength(2);
});

test('the journal of an older run can be read', async () => {
  const story = storyOf(await older.read(), await older.history());
  const states = story.sessions.map(({ points }) => points.map(({ state }) => state));
  expect(states).toEqual([['finished', 'finished'], ['waiting']]);
});
