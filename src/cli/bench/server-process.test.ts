import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { InputError, WorkError } from '../../errors.ts';
import { ServerProcess } from './server-process.ts';

test('a test fails when its server process ends, even if the parent has not reaped it', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const { pid = 0 } = child;
  const server = await ServerProcess.watch(pid);
  await server.check();
  expect(server.signal.aborted).toBe(false);
  const noticed = once(server.signal, 'abort');
  child.kill('SIGKILL');
  await noticed;
  const cause = new Error('all requests failed');
  await expect(server.check(cause)).rejects.toThrow(
    expect.objectContaining({ message: `the server (process ${pid}) ended during the test`, cause }),
  );
  await expect(server.check()).rejects.toBeInstanceOf(WorkError);
  await expect(ServerProcess.watch(pid)).rejects.toThrow(InputError);
});
