import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Runner, thisMachine } from '../hosts/index.ts';
import { tokenVariable } from './engine-record.ts';
import { holdersOf, lockHolder, lockIn } from './lock-holder.ts';
import { bestLook, lookAtProcesses } from './process-activity.ts';

let folder: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'what-it-does-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

/** Starts an engine process. */
async function begin(token: string, command: string, ...args: string[]): Promise<number> {
  const child = spawn(command, args, { env: { ...process.env, [tokenVariable]: token }, stdio: 'ignore' });
  children.push(child);
  await once(child, 'spawn');
  return child.pid ?? 0;
}

/** A place whose PATH starts with a folder. */
const withPath = (path: string): Runner => ({
  run: async (argv, options) =>
    await thisMachine.run(argv, { ...options, env: { PATH: `${path}:${process.env.PATH}` } }),
});

describe('the processes of an engine', () => {
  test('are found by its token; without py-spy, the kernel says what they do', async () => {
    const pid = await begin('token-1', 'sleep', '60');
    await begin('token-2', 'sleep', '60');
    const look = await lookAtProcesses(thisMachine, 'token-1');
    expect(look?.processes).toMatchObject([{ pid, name: 'sleep', state: 'S' }]);
    expect(await lookAtProcesses(thisMachine, 'token-3')).toBeUndefined();
  });

  test('have stacks if py-spy is installed, and their command lines are not kept', async () => {
    const pid = await begin('token-4', 'sleep', '60');
    const spy = join(folder, 'py-spy');
    const says = [
      'Process $4: python --api-key s3cret',
      'Thread $4 (idle): \\"MainThread\\"',
      '    $1 ($2 $3 $4)',
    ];
    await writeFile(spy, `#!/bin/sh\n${says.map((line) => `echo "${line}"`).join('\n')}\n`);
    await chmod(spy, 0o755);
    const look = await bestLook([thisMachine, withPath(folder)], 'token-4');
    expect(look?.processes[0]?.frames).toEqual([`dump (--nonblocking --pid ${pid})`]);
    expect(look?.text).not.toContain('s3cret');
  });
});

describe('a lock', () => {
  test('is named with the process that holds it, until that process is dead', async () => {
    const lock = join(folder, 'ab.lock');
    await writeFile(lock, '');
    const held = async () => await lockHolder([thisMachine], lock, Date.now());
    expect(await held()).toMatch(/no process of its node holds .*ab\.lock, which was last changed 0 min ago/);
    const pid = await begin('token-5', 'flock', '--no-fork', lock, 'sleep', '60');
    await expect.poll(held, { timeout: 30_000 }).toBe(`${lock} is held by process ${pid} (sleep)`);
    expect(await lockHolder([thisMachine], join(folder, 'nope.lock'), 0)).toBeUndefined();
  });

  test('in a container is looked up inside that container', async () => {
    const inside: Runner = {
      run: async ([command]) => ({
        code: 0,
        stdout: command === 'stat' ? '77 0' : '1: FLOCK  ADVISORY  WRITE 0 fe:00:77 0 EOF',
        stderr: '',
      }),
    };
    expect(await lockHolder([inside], '/hub/x.lock', 0)).toBe(
      '/hub/x.lock is held by a process outside its container',
    );
  });

  test('is held by the processes in the kernel’s list that do not wait for it themselves', () => {
    const locks = [
      '1: FLOCK  ADVISORY  WRITE 12 08:01:77 0 EOF',
      '1: -> FLOCK  ADVISORY  WRITE 13 08:01:77 0 EOF',
    ];
    expect(holdersOf('77', locks.join('\n'))).toEqual(['12']);
    expect(holdersOf('7', locks.join('\n'))).toEqual([]);
  });

  test.each([
    ['[aiter] waiting for baton release at /app/aiter/jit/build/lock_moe', '/app/aiter/jit/build/lock_moe'],
    [
      'Still waiting to acquire lock on /hub/.locks/models--a--b/ab.lock (elapsed: 9 s)',
      '/hub/.locks/models--a--b/ab.lock',
    ],
    ['INFO loading /models/block/shard-1.safetensors', undefined],
    ['waiting for remote model', undefined],
  ])('is read from the log line: %s → %s', (line, path) => {
    expect(lockIn(line)).toBe(path);
  });
});
