import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identityOf } from './identity.ts';
import { isLocked, lock, tryLock } from './lock.ts';
import { ownedName } from './owner.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'));
  path = join(folder, 'the.lock');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const patience = { signal: new AbortController().signal, onWait: () => {} };

/** Runs a module with the lock imported, in a separate process. */
function program(body: string): ChildProcess {
  const module = `
    import { lock, tryLock } from ${JSON.stringify(new URL('./lock.ts', import.meta.url).href)};
    import { readFile, writeFile } from 'node:fs/promises';
    const path = ${JSON.stringify(path)};
    const patience = { signal: new AbortController().signal, onWait: () => {} };
    ${body}`;
  return spawn(process.execPath, ['--input-type=module-typescript', '-e', module], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

test('processes that increment a counter together lose no increment', async () => {
  const counter = join(folder, 'counter');
  await writeFile(counter, '0');
  const counting = Array.from({ length: 4 }, () =>
    program(`
      for (let round = 0; round < 10; round++) {
        const release = await lock(path, patience);
        await writeFile(${JSON.stringify(counter)}, String(1 + Number(await readFile(${JSON.stringify(counter)}, 'utf8'))));
        await release();
      }`),
  );
  for (const child of counting) if (child.exitCode === null) await once(child, 'exit');
  expect(await readFile(counter, 'utf8')).toBe('40');
  expect(await readdir(folder)).toEqual(['counter']);
});

test('a lock is taken over from a killed owner, but not from a live one', async () => {
  const owner = program(`await tryLock(path); console.log('held'); setInterval(() => {}, 1000);`);
  if (owner.stdout === null) throw new Error('no output');
  await once(owner.stdout, 'data');
  expect(await tryLock(path)).toMatchObject({ pid: owner.pid });
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  const release = await lock(path, patience);
  await release();
  expect(existsSync(path)).toBe(false);
});

test('waiting reports the owner once, and ends when aborted', async () => {
  const release = await lock(path, patience);
  const waiting = new AbortController();
  const holders: number[] = [];
  const waited = lock(path, {
    signal: waiting.signal,
    onWait: ({ pid }) => {
      holders.push(pid);
      waiting.abort(new Error('enough'));
    },
  });
  await expect(waited).rejects.toThrow();
  expect(holders).toEqual([process.pid]);
  await release();
});

describe('leftovers in place of a lock make no process wait:', () => {
  test.each([
    ['an empty file', ''],
    ['a file with other content', '{"pid": "none"}'],
    ['the file of a dead process of an older version', '{"pid": 1, "startedAt": "before"}'],
  ])('%s', async (_, content) => {
    await writeFile(path, content);
    expect(await isLocked(path)).toBe(false);
    await requireFree();
  });

  test('an empty folder', async () => {
    await mkdir(path);
    await requireFree();
  });

  test('a folder with an unrelated file', async () => {
    await mkdir(path);
    await writeFile(join(path, 'notes'), '');
    await requireFree();
  });

  test('a process that was killed before it took the lock', async () => {
    const dead = (await ownedName()).replace(/^\d+/, '4194305');
    await mkdir(`${path}.${dead}.taking`);
    await requireFree();
  });

  async function requireFree(): Promise<void> {
    const release = await tryLock(path);
    if (typeof release !== 'function') throw new Error('it is taken');
    expect(await isLocked(path)).toBe(true);
    await release();
    expect(await readdir(folder)).toEqual([]);
  }
});

test('a lock held by a live process of an older version is not taken', async () => {
  await writeFile(path, JSON.stringify({ ...(await identityOf(process.pid)), host: 'h', purpose: 'sweep' }));
  expect(await tryLock(path)).toEqual({ pid: process.pid, host: 'h', purpose: 'sweep' });
  expect(await isLocked(path)).toBe(true);
});

test('a folder with other content than a lock is named, and left unchanged', async () => {
  await mkdir(join(path, 'things'), { recursive: true });
  await expect(tryLock(path)).rejects.toThrow(/the\.lock blocks a lock/);
  expect(await readdir(folder)).toEqual(['the.lock']);
});

test('an owner on another machine keeps its lock while it touches it', async () => {
  const elsewhere = (await ownedName()).replace(/^(\d+-\w+)-\w+/, '$1-00000000');
  await mkdir(path);
  await writeFile(join(path, elsewhere), JSON.stringify({ host: 'elsewhere' }));
  expect(await tryLock(path, 'mine')).toEqual({ pid: process.pid, host: 'elsewhere' });
  const longAgo = new Date(Date.now() - 6 * 60_000);
  await utimes(join(path, elsewhere), longAgo, longAgo);
  expect(await isLocked(path)).toBe(false);
  expect(await tryLock(path, 'mine')).toBeTypeOf('function');
});
