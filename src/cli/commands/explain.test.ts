import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { said } from '../../../test/support/said.ts';

let file: string;
beforeEach(async () => {
  file = join(await mkdtemp(join(tmpdir(), 'explain-')), 'engine.log');
});
afterEach(async () => await rm(join(file, '..'), { recursive: true }));

const healthy = 'INFO 09:12:40 loading shard 1 of 163\n';

test('an explanation has the line, the fix, and what a sweep would do', async () => {
  await writeFile(file, `${healthy.repeat(9_999)}OSError: You are trying to access a gated repo.\n`);
  const { code, stdout } = await said('explain', file);
  expect(code).toBe(0);
  expect(stdout).toContain(`${file}:10000: OSError: You are trying to access a gated repo.`);
  expect(stdout).toMatch(/to do: .*HF_TOKEN/);
  expect(stdout).toContain('class:   not-permitted');
  expect(stdout).toContain('a sweep: does not retry; the node is not blamed');
});

test('an explanation as JSON', async () => {
  await writeFile(file, 'ERROR CUDA error: uncorrectable ECC error encountered\n');
  const { stdout } = await said('explain', file, '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    explained: true,
    failureClass: 'node-broken',
    lineNumber: 1,
    next: expect.stringContaining('2 other nodes; the node is quarantined'),
  });
});

test('an unknown error is quoted, a healthy log explains nothing: both exit with 1', async () => {
  await writeFile(file, `${healthy}KeyError: 'wq_b'\n`);
  expect(await said('explain', file)).toMatchObject({
    code: 1,
    stdout: expect.stringContaining(`${file}:2: KeyError`),
  });
  await writeFile(file, healthy);
  expect(await said('explain', file)).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('nothing in'),
  });
});

test('a hang is explained by what the engine waits for', async () => {
  await writeFile(file, 'INFO waiting for baton release at /app/aiter/jit/build/lock\n');
  expect((await said('explain', file, '--hung')).stdout).toContain('class:   hung');
});

test('a missing log is bad input', async () => {
  const { code, stderr } = await said('explain', join(file, 'nope'));
  expect([code, stderr]).toEqual([2, expect.stringContaining('cannot be read')]);
});
