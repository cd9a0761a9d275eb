import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ProfileFolder } from './kept-profile.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'profile-'));
  await mkdir(join(folder, 'server', 'rank0'), { recursive: true });
  await mkdir(join(folder, 'results'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('what a server writes during a test is kept beside its result, and nothing older', async () => {
  const server = join(folder, 'server');
  const results = join(folder, 'results');
  await writeFile(join(server, 'old.trace.json.gz'), 'old');
  const profile = await ProfileFolder.open(server);
  await writeFile(join(server, 'host_17.1723.pt.trace.json.gz'), 'first');
  expect(await profile.keep(results, 'a')).toEqual(['profile_a.trace.json.gz']);
  expect(await readFile(join(results, 'profile_a.trace.json.gz'), 'utf8')).toBe('first');
  await writeFile(join(server, 'rank0', 'x.json'), 'one');
  await writeFile(join(server, 'old.trace.json.gz'), 'written again');
  expect(await profile.keep(results, 'b')).toEqual(['profile_b_0.trace.json.gz', 'profile_b_1.json']);
  expect(await profile.keep(results, 'c')).toEqual([]);
  expect(await readdir(results)).toHaveLength(3);
});

test('a folder that is not there is bad input', async () => {
  await expect(ProfileFolder.open(join(folder, 'none'))).rejects.toThrow(
    /--profile-dir .*none cannot be read: no such file or folder|ENOENT/,
  );
});
