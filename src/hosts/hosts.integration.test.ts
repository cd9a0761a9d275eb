import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ask, mustRun, nodeBeyond, thisMachine } from './index.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hosts-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const sh = (script: string, ...args: string[]) => ['sh', '-c', script, 'sh', ...args];

async function isRunning(pid: number): Promise<boolean> {
  const state = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  return state !== '' && !/\) Z/.test(state);
}

describe('running a command', () => {
  test('returns output and exit code, and passes input and environment', async () => {
    const lines: string[] = [];
    const output = await thisMachine.run(sh('cat; echo "$EXTRA"; echo oops >&2; exit 3'), {
      input: 'in\n',
      env: { EXTRA: 'a b' },
      onLine: (line) => lines.push(line),
    });
    expect(output).toEqual({ code: 3, stdout: 'in\na b\n', stderr: 'oops\n' });
    expect(lines.toSorted()).toEqual(['a b', 'in', 'oops']);
  });

  test('ends at its timeout together with its children, without waiting for processes that hold its output', async () => {
    const pidFile = join(folder, 'pid');
    const running = thisMachine.run(sh('sleep 600 & echo $! > "$1"; wait', pidFile), { timeoutMs: 3_000 });
    await expect(running).rejects.toMatchObject({
      kind: 'late',
      command: 'sh',
      message: 'sh had not ended after 3 s',
    });
    const pid = Number(await readFile(pidFile, 'utf8'));
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  test('returns when it has ended, even if a child still holds its output', async () => {
    const { code, stdout } = await thisMachine.run(sh('sleep 600 & echo $!; exit 4'), { timeoutMs: 600_000 });
    expect(code).toBe(4);
    const pid = Number(stdout);
    expect(await isRunning(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
  });

  test('with endless output ends at its timeout, and only the end of the output is kept', async () => {
    const lengths: number[] = [];
    const flood = sh("yes a_line & head -c 20000000 /dev/zero | tr '\\0' x");
    const running = thisMachine.run(flood, { timeoutMs: 3_000, onLine: (line) => lengths.push(line.length) });
    const late = await running.catch((error: unknown) => error);
    expect(late).toMatchObject({ kind: 'late', output: '' });
    expect(lengths.length).toBeGreaterThan(0);
    expect(Math.max(...lengths.slice(0, 10_000))).toBeLessThan(1_100_000);
  });

  test('is terminated when aborted, and throws the reason after it has ended', async () => {
    const enough = new AbortController();
    const marker = join(folder, 'ended');
    const running = thisMachine.run(
      sh('trap \'echo done > "$1"; exit 0\' TERM; echo ready; while :; do sleep 0.05; done', marker),
      { signal: enough.signal, onLine: () => enough.abort(new Error('enough')) },
    );
    await expect(running).rejects.toThrow('enough');
    expect(await readFile(marker, 'utf8')).toBe('done\n');
  });

  test('distinguishes commands that are not installed, that fail, and that print nonsense', async () => {
    await expect(thisMachine.run(['no-such-command'])).rejects.toMatchObject({
      kind: 'absent',
      command: 'no-such-command',
      message: 'there is no command no-such-command',
    });
    await expect(mustRun(thisMachine, sh('echo no luck >&2; exit 1'))).rejects.toMatchObject({
      kind: 'failed',
      message: 'sh -c failed: no luck',
    });
    const nonsense = ask(thisMachine, ['echo', 'nonsense'], (text): unknown => JSON.parse(text));
    await expect(nonsense).rejects.toMatchObject({ kind: 'unreadable', message: 'echo answered: nonsense' });
  });
});

test('a started command has its folder and log, and its pid is known before it can end', async () => {
  const logPath = join(folder, 'logs', 'engine.log');
  const spawned: number[] = [];
  const started = await thisMachine.start(sh('pwd; echo "$EXTRA" >&2; exit 7'), {
    env: { EXTRA: 'x' },
    folder,
    logPath,
    onSpawn: (pid) => spawned.push(pid),
  });
  expect(await started.ended).toEqual({ code: 7, signal: null });
  expect(spawned).toEqual([started.pid]);
  expect(await readFile(logPath, 'utf8')).toBe(`${folder}\nx\n`);
});

test('a node behind a host is reached with the host’s command, for programs and files', async () => {
  const node = nodeBeyond(thisMachine, ['env', 'ON=node-7']);
  expect(node.isThisMachine).toBe(false);
  expect((await node.run(sh('echo "$ON"'))).stdout).toBe('node-7\n');
  await node.writeFiles(folder, [{ path: 'a/b.txt', content: 'text' }]);
  expect(await node.readFile(join(folder, 'a', 'b.txt'))).toBe('text');
  expect(await node.list(folder)).toEqual(['a']);
  await expect(node.writeFiles(folder, [{ path: '../out', content: '' }])).rejects.toThrow('lies outside');
});
