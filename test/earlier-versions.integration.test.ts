import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Scene } from './stand-in/scene.ts';

const runOf01 = join(import.meta.dirname, 'testdata', 'run-of-0.1');
const sweepId = 'run-20261126-202622-8e9e';

test('a sweep in which version 0.1 was killed is shown, resumed, and completed', async () => {
  await using scene = await Scene.open();
  const directory = join(scene.folder, '.inferencemax', 'runs', sweepId);
  await cp(runOf01, directory, { recursive: true });
  const before = await readFile(join(runOf01, 'journal.jsonl'), 'utf8');
  const [finished] = (await scene.story()).sessions.flatMap(({ points }) => points);
  expect(finished).toMatchObject({
    state: 'finished',
    attempts: 2,
    failures: [{ failureClass: 'engine-died', next: 'same-node' }],
  });

  const resumed = scene.start(scene.resumeArgs);
  expect(await resumed.exited, resumed.stderr).toBe(0);

  await scene.expectNothingLostOrDoubled(3);
  await scene.expectNoOrphan();
  expect((await readFile(join(directory, 'journal.jsonl'), 'utf8')).startsWith(before)).toBe(true);
  const story = await scene.story();
  expect(story).toMatchObject({ sweepId, state: 'finished', runs: 2, points: { finished: 3, failed: 0 } });
  const [first] = story.sessions.flatMap(({ points }) => points);
  expect(first).toEqual(finished);
  for (const kind of ['raw', 'agg']) {
    const files = await readdir(join(runOf01, kind));
    expect(files).toHaveLength(1);
    for (const file of files)
      expect(await readFile(join(directory, kind, file))).toEqual(await readFile(join(runOf01, kind, file)));
    expect(await readdir(join(directory, kind))).toHaveLength(3);
  }
});
