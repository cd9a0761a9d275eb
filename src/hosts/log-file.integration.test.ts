import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { link, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { thisMachine } from './index.ts';
import { appendToLog, keepBounded, openLog } from './log-file.ts';

let folder: string;
let logPath: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'log-file-'));
  logPath = join(folder, 'session', 'engine.log');
  await mkdir(join(folder, 'session'));
  await writeFile(join(folder, 'secret'), 'of the host\n');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test.each([
  ['a link', async () => await symlink(join(folder, 'secret'), logPath)],
  ['a dangling link', async () => await symlink(join(folder, 'new'), logPath)],
  ['a hard link', async () => await link(join(folder, 'secret'), logPath)],
  ['a pipe', async () => void execFileSync('mkfifo', [logPath])],
  ['a folder', async () => void (await mkdir(logPath))],
])('if an engine replaces its log by %s, a new log is started', async (_, replace) => {
  await replace();
  const engine = await thisMachine.start(['echo', 'said by the engine'], { env: {}, logPath });
  await engine.ended;
  await appendToLog(logPath, 'said about it\n');
  expect(await readFile(logPath, 'utf8')).toBe(
    '[this file had been replaced; the replacement was moved aside]\nsaid by the engine\nsaid about it\n',
  );
  expect(await readFile(join(folder, 'secret'), 'utf8')).toBe('of the host\n');
  expect((await readdir(folder)).toSorted()).toEqual(['secret', 'session']);
});

test('an existing log is continued', async () => {
  await appendToLog(logPath, 'one\n');
  await appendToLog(logPath, 'two\n');
  expect(await readFile(logPath, 'utf8')).toBe('one\ntwo\n');
});

test('a log without limit keeps its beginning and end, and says how much was cut', async () => {
  const log = await openLog(logPath);
  const flood = "echo first; yes 'a line of the middle' | head -c 40000000; echo last";
  const engine = spawn('sh', ['-c', flood], { stdio: ['ignore', log.fd, log.fd] });
  const ended = once(engine, 'exit');
  await keepBounded(log, ended, { mostBytes: 1_000_000, firstBytes: 10_000, lastBytes: 5_000 });
  const text = await readFile(logPath, 'utf8');
  expect(text.startsWith('first\na line')).toBe(true);
  expect(text).toMatch(/a line of the middle\na .*last\n$/);
  const marks = [...text.matchAll(/^\[about (\d+) bytes of the log were cut here\]$/gm)];
  expect(marks).toHaveLength(1);
  expect(Number(marks[0]?.[1])).toBeGreaterThan(35_000_000);
  expect((await stat(logPath)).size).toBeLessThanOrEqual(1_000_000);
});

test('a recipe’s file is not written through a link that an engine created in its folder', async () => {
  await mkdir(join(folder, 'elsewhere'));
  await symlink(join(folder, 'elsewhere'), join(folder, 'session', 'config'));
  const file = { path: 'config/a.yaml', content: 'x' };
  await expect(thisMachine.writeFiles(join(folder, 'session'), [file])).rejects.toThrow('is not a folder');
  expect(await readdir(join(folder, 'elsewhere'))).toEqual([]);
});
