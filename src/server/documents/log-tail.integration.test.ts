import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { logTail } from './log-tail.ts';

let folder: string;
let location: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'log-tail-'));
  location = join(folder, 'run');
  await mkdir(join(location, 'sessions', 'a'), { recursive: true });
  await mkdir(join(folder, 'other'));
  await writeFile(join(folder, 'other', 'engine.log'), 'only the host reads this');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const tail = async (log: string) => await logTail({ location, log });

test("reads the end of a run's log, also if the run directory is reached through a link", async () => {
  await writeFile(join(location, 'sessions', 'a', 'engine.log'), 'ready\n');
  expect(await tail('sessions/a/engine.log')).toBe('ready\n');
  await symlink(location, join(folder, 'linked'));
  const linked = { location: join(folder, 'linked'), log: 'sessions/a/engine.log' };
  expect(await logTail(linked)).toBe('ready\n');
});

test('follows no link, pipe or log name out of the run directory', async () => {
  await symlink(join(folder, 'other', 'engine.log'), join(location, 'sessions', 'a', 'linked.log'));
  await symlink(join(folder, 'other'), join(location, 'sessions', 'b'));
  execFileSync('mkfifo', [join(location, 'sessions', 'a', 'pipe.log')]);
  for (const log of [
    'sessions/a/linked.log',
    'sessions/b/engine.log',
    'sessions/a/pipe.log',
    '../other/engine.log',
    join(folder, 'other', 'engine.log'),
    'sessions/a',
  ])
    expect(await tail(log), log).toBe(null);
});
