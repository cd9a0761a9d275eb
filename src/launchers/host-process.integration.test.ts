import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Host, thisMachine } from '../hosts/index.ts';
import { startEngineProcess } from './host-process.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'host-process-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A host whose kernel reports these counts of out-of-memory kills, one after the other. */
function counting(kills: readonly (number | undefined)[], changes: Partial<Host> = {}): Host {
  const left = [...kills];
  const run = async () => {
    const count = left.shift();
    if (count === undefined) throw new Error('no such file');
    return { code: 0, stdout: `nr_free_pages 5\noom_kill ${count}\n`, stderr: '' };
  };
  return { ...thisMachine, run, ...changes };
}

async function exitOn(host: Host, script: string) {
  const logPath = join(folder, 'engine.log');
  const { exited } = await startEngineProcess(host, { argv: ['sh', '-c', script], env: {}, logPath });
  return await exited;
}

const remote = { isThisMachine: false, destination: 'user@far' };

test.each([
  ['killed while the kernel’s count increased', counting([3, 4]), 'out-of-memory'],
  ['killed by someone else', counting([3, 3]), undefined],
  ['killed on a kernel without the counter', counting([undefined, undefined]), undefined],
  ['killed, with a counter that exists only afterwards', counting([undefined, 4]), undefined],
])('an engine that was %s', async (_, host, failureClass) => {
  const { signal, reason } = await exitOn(host, 'kill -9 $$');
  expect(signal).toBe('SIGKILL');
  expect(reason?.failureClass).toBe(failureClass);
});

test('exit code 255 over a connection means that the connection was lost, and the last output is reported', async () => {
  expect(await exitOn(counting([0, 0]), 'exit 255')).toEqual({ code: 255, signal: null });
  expect(await exitOn(counting([0, 0], remote), 'echo broken pipe; exit 255')).toMatchObject({
    reason: { failureClass: 'node-lost', message: 'the connection to user@far was lost: broken pipe' },
  });
});

test('128 + signal number is a signal if a client reports it, and an exit code for a local process', async () => {
  expect(await exitOn(counting([0, 0], remote), 'exit 143')).toMatchObject({ code: null, signal: 'SIGTERM' });
  expect(await exitOn(counting([0, 0]), 'exit 143')).toMatchObject({ code: 143, signal: null });
});

test('an out-of-memory kill of any engine process is counted', async () => {
  expect(await exitOn(counting([3, 5]), 'exit 1')).toEqual({ code: 1, signal: null, kernelKills: 2 });
});

test('exit code 255 over a connection is the engine’s own if it has ended and its host still answers', async () => {
  const over = async (stillRuns: () => Promise<boolean>) => {
    const logPath = join(folder, 'engine.log');
    const host = counting([0, 0], remote);
    const argv = ['sh', '-c', 'echo MPI_ABORT; exit 255'];
    const { exited } = await startEngineProcess(host, { argv, env: {}, logPath, stillRuns });
    return (await exited).reason?.failureClass;
  };
  expect(await over(async () => false)).toBeUndefined();
  expect(await over(async () => true)).toBe('node-lost');
  expect(await over(async () => await Promise.reject(new Error('no route')))).toBe('node-lost');
});
