import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

const processes = 8;
const seconds = 60;

/** Takes the lock repeatedly, checks whether another process is inside, and sometimes kills itself there. */
const contender = (folder: string) => `
  import { readFileSync, rmSync, writeFileSync } from 'node:fs';
  import { setTimeout as delay } from 'node:timers/promises';
  import { tryLock } from ${JSON.stringify(new URL('./lock.ts', import.meta.url).href)};
  const inside = ${JSON.stringify(join(folder, 'inside'))};
  const whoIsInside = () => { try { return Number(readFileSync(inside, 'utf8')); } catch { return 0; } };
  const isAlive = (pid) => {
    try { return !/^\\d+ \\(.*\\) [ZX]/.test(readFileSync('/proc/' + pid + '/stat', 'latin1')); } catch { return false; }
  };
  for (;;) {
    const release = await tryLock(${JSON.stringify(join(folder, 'the.lock'))});
    if (typeof release !== 'function') { await delay(3 * Math.random()); continue; }
    const other = whoIsInside();
    if (other !== 0 && isAlive(other)) console.log(other + ' and ' + process.pid);
    writeFileSync(inside, String(process.pid));
    await delay(4 * Math.random());
    if (whoIsInside() !== process.pid) console.log('another process entered the lock of ' + process.pid);
    if (Math.random() < 0.3) process.kill(process.pid, 'SIGKILL');
    rmSync(inside);
    console.log('released');
    await release();
  }`;

test(`${processes} processes that die while holding a lock never own it at the same time, for ${seconds} s`, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lock-of-the-dying-'));
  const until = performance.now() + seconds * 1000;
  const said: string[] = [];
  let died = 0;
  const generations = async () => {
    while (performance.now() < until) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', contender(folder)], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
      expect(err).toBe('');
      said.push(...out.split('\n').filter((line) => line !== ''));
      died += 1;
    }
  };
  await Promise.all(Array.from({ length: processes }, generations));
  const violations = said.filter((line) => line !== 'released');
  console.log(`${died} owners died, ${said.length} locks were released, ${violations.length} double owners`);
  expect(violations).toEqual([]);
  expect(died).toBeGreaterThan(processes);
  const left = (await readdir(folder)).filter((name) => name.endsWith('.taking'));
  expect(left.length).toBeLessThanOrEqual(processes);
  await rm(folder, { recursive: true });
});
