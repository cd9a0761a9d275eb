import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from './support/free-port.ts';
import { onOneCpu } from './support/one-cpu.ts';
import { TestProduct, tinyConfig } from './support/product.ts';
import { git } from './support/project-copy.ts';

let folder: string;
let args: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'watch-'));
  await git(folder, 'init', '--quiet', '--initial-branch=main');
  await mkdir(join(folder, '.github', 'configs'), { recursive: true });
  await writeFile(join(folder, '.github', 'configs', 'cpu-master.yaml'), tinyConfig());
  await writeFile(join(folder, '.github', 'configs', 'runners.yaml'), 'cpu:\n  - cpu_0\n');
  await mkdir(join(folder, 'runners'));
  await writeFile(join(folder, 'runners', 'cpu.yaml'), `launcher: local\n${await onOneCpu()}`);
  await writeFile(join(folder, '.gitignore'), '.inferencemax/\nsite/\n');
  await writeFile(join(folder, 'perf-changelog.yaml'), '# nothing yet\n');
  await git(folder, 'add', '--all');
  await git(folder, 'commit', '--quiet', '--message', 'Nothing yet');
  args = ['watch', '--ref', 'main', '--publish', 'site', '--port', String(await freePort()), '--json'];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function ask(): Promise<string> {
  const entry =
    '- config-keys:\n    - smollm2-*\n  description:\n    - A reason\n  pr-link: https://example.org/1\n';
  await appendFile(join(folder, 'perf-changelog.yaml'), entry);
  await git(folder, 'commit', '--quiet', '--all', '--message', 'Measure');
  return await git(folder, 'rev-parse', 'HEAD');
}

const start = (...more: string[]) => new TestProduct([...args, ...more], { cwd: folder });
const measured = async (sweepId: string) =>
  await readdir(join(folder, '.inferencemax', 'runs', sweepId, 'agg'));

test('a watch that is killed in the middle of a sweep continues it, and publishes its results', async () => {
  const first = start();
  await first.event(({ type }) => type === 'waiting');
  const sweepId = `watch-${(await ask()).slice(0, 12)}`;
  first.child.kill('SIGTERM');
  expect(await first.exited).toBe(130);

  const killed = start();
  await killed.event(({ type }) => type === 'sweep-begins');
  await killed.event(({ type }) => type === 'point-finished');
  killed.child.kill('SIGKILL');
  await killed.exited;
  const before = await measured(sweepId);
  expect(before.length).toBeGreaterThan(0);
  expect(before.length).toBeLessThan(3);

  const next = start('--once');
  expect(await next.exited, next.stderr).toBe(0);
  expect(await measured(sweepId)).toHaveLength(3);
  expect(next.events.filter(({ type }) => type === 'point-finished')).toHaveLength(3 - before.length);
  expect(next.events.filter(({ type }) => type === 'orphan-ended')).toHaveLength(1);
  expect(next.events.map(({ type }) => type)).toContain('published');
  expect((await readdir(join(folder, 'site', 'data', 'shapes'))).toSorted()).toEqual([
    'smollm2_16_24.json',
    'smollm2_32_16.json',
  ]);

  const idle = start('--once');
  expect(await idle.exited, idle.stderr).toBe(0);
  expect(idle.events).toEqual([]);
  expect(await readdir(join(folder, '.inferencemax', 'runs'))).toEqual([sweepId]);
});

test('an edited entry is reported once and does not stop the watch', async () => {
  const base = await git(folder, 'rev-parse', 'HEAD');
  await ask();
  const file = join(folder, 'perf-changelog.yaml');
  await start('--once').exited;
  await writeFile(file, (await readFile(file, 'utf8')).replace('A reason', 'Another reason'));
  await git(folder, 'commit', '--quiet', '--all', '--message', 'Edit');
  const watching = start('--once');
  expect(await watching.exited).toBe(1);
  expect(watching.events).toMatchObject([
    { type: 'sweep-begins', occasion: { kind: 'change' } },
    { type: 'sweep-ended', end: { state: 'impossible', reason: expect.stringMatching(/edited/) } },
  ]);
  expect(await start('--once').exited).toBe(0);
  expect(base).not.toBe('');
});
