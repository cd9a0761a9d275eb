import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lock, tryLock } from './lock.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'));
  path = join(folder, 'the.lock');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const patience = { signal: new AbortController().signal, onWait: () => {} };

/** Runs a module in a process of its own, with the lock imported. */
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

test('processes that count up together lose no count', async () => {
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

test('a lock whose owner was killed is taken over; one whose owner lives is not', async () => {
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

test('waiting says once for whom, and ends when it is aborted', async () => {
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
