import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { engineRecords } from './place.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'records-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A pid that no system assigns. */
const dead = { pid: 2 ** 30, startedAt: 'boot/1' };

/** Records as version 0.1 wrote them. */
const old = {
  local: { engine: { pid: 12, startedAt: 'boot/2' }, cgroup: '/sys/fs/cgroup/inferencemax-x' },
  docker: {},
  slurm: { jobId: 7 },
};

async function write(launcher: string, own: object, changes: object = {}): Promise<void> {
  const token = `token-of-${launcher}`;
  const base = { launcher, token, sessionId: 's', port: 8888, machine: hostname(), owner: dead };
  await writeFile(join(folder, `${token}.json`), JSON.stringify({ ...base, ...own, ...changes }));
}

test('records of version 0.1 are read, each by its own launcher', async () => {
  for (const [launcher, own] of Object.entries(old)) await write(launcher, own);
  const records = engineRecords(folder);
  expect((await records.list()).map(({ launcher }) => launcher).toSorted()).toEqual([
    'docker',
    'local',
    'slurm',
  ]);
  const [slurm, ...others] = await records.orphans('slurm', { jobId: z.int().optional() }, undefined);
  expect(slurm).toMatchObject({ token: 'token-of-slurm', jobId: 7, port: 8888 });
  expect(others).toEqual([]);
});

test('a record of another machine or host, or with a live owner, is not an orphan', async () => {
  await write('local', {}, { machine: 'elsewhere' });
  await write('docker', {}, { destination: 'user@far' });
  const records = engineRecords(folder);
  const mine = await records.open({ launcher: 'slurm', sessionId: 'mine', port: 1 }, undefined);
  for (const launcher of Object.keys(old)) expect(await records.orphans(launcher, {}, undefined)).toEqual([]);
  expect(await records.orphans('docker', {}, 'user@far')).toHaveLength(1);
  await mine.remove();
  expect(await readdir(folder)).toHaveLength(2);
});

test('updating a record adds fields and keeps the old ones', async () => {
  const record = await engineRecords(folder).open<{ jobId?: number }>(
    { launcher: 'slurm', sessionId: 's', port: 1 },
    undefined,
  );
  await record.update({ jobId: 5 });
  const [file = ''] = await readdir(folder);
  expect(JSON.parse(await readFile(join(folder, file), 'utf8'))).toMatchObject({
    launcher: 'slurm',
    sessionId: 's',
    port: 1,
    token: record.token,
    machine: hostname(),
    jobId: 5,
    owner: { pid: process.pid },
  });
});

test.each([
  ['of an unknown launcher', { launcher: 'unknown' }],
  ['with a field of the wrong kind', { jobId: 'seven' }],
])('a record %s is an error that names the file, because it may hide an engine', async (_, changes) => {
  await write('slurm', {}, changes);
  await expect(engineRecords(folder).list()).rejects.toThrow('token-of-slurm.json is not an engine record');
});
