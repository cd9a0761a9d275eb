import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findSweep, SweepDirectory, sweepsIn } from './sweep-directory.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'runs-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const good = {
  sweepId: 'run-good',
  createdAt: '2026-01-14T10:15:00.000Z',
  command: 'run',
  plan: { sessions: [] },
};

test('an unreadable sweep is reported and does not hide others', async () => {
  await new SweepDirectory(join(folder, 'run-good')).write(good);
  await mkdir(join(folder, 'run-bad'));
  await writeFile(join(folder, 'run-bad', 'sweep.json'), '{"sweepId": "run-b');
  await mkdir(join(folder, 'no-sweep'));
  const damaged: string[] = [];
  const sweeps = await sweepsIn(folder, (_, id) => damaged.push(id));
  expect(sweeps.map(({ sweep }) => sweep.sweepId)).toEqual(['run-good']);
  expect(damaged).toEqual(['run-bad']);
  expect((await findSweep(folder, undefined))?.sweep.sweepId).toBe('run-good');
  await expect(findSweep(folder, 'run-bad')).rejects.toThrow(/run-bad\/sweep\.json: it is damaged/);
  expect(await findSweep(folder, 'run-other')).toBeUndefined();
});

test('if the only sweep is unreadable, the error does not claim that there is none', async () => {
  await mkdir(join(folder, 'run-bad'));
  await writeFile(join(folder, 'run-bad', 'sweep.json'), '{}');
  await expect(findSweep(folder, undefined)).rejects.toThrow(/damaged/);
});

test('a sweep dated in the future is not the newest', async () => {
  for (const [sweepId, createdAt] of [
    ['run-ahead', '9000-01-14T10:15:00.000Z'],
    ['run-good', good.createdAt],
  ] as const)
    await new SweepDirectory(join(folder, sweepId)).write({ ...good, sweepId, createdAt });
  expect((await sweepsIn(folder)).map(({ sweep }) => sweep.sweepId)).toEqual(['run-good', 'run-ahead']);
  expect((await findSweep(folder, undefined))?.sweep.sweepId).toBe('run-good');
});
