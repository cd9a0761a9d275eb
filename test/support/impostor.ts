import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'vitest';
import type { RunningEngine } from '../../src/launchers/launcher.ts';
import { waitUntilReady } from '../../src/launchers/readiness.ts';

/** A server on the port $1 that stops listening on a request for /leave, but keeps running. */
export const leavingServer = `
  const server = require('node:http').createServer((request, response) => {
    response.end('ok');
    if (request.url === '/leave') { server.closeAllConnections(); server.close(); }
  }).listen(Number(process.argv[1]), '127.0.0.1');
  setInterval(() => {}, 1000);
`;

/** Starts a foreign server; resolves when it listens. */
export async function impostorAt(port: number): Promise<ChildProcess> {
  const script = `require('node:http').createServer((_, r) => r.end('ok')).listen(${port}, '127.0.0.1', () => console.log('listens'))`;
  const impostor = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(impostor.stdout, 'data');
  return impostor;
}

/**
 * For an engine that is a `leavingServer`: checks that it is recognized by its listener, and that a server that takes
 * over its port is rejected, both around a point and while waiting for readiness.
 */
export async function expectImpostorRefused(engine: RunningEngine, port: number): Promise<void> {
  const soon = { healthPath: '/', timeoutS: 60, signal: new AbortController().signal };
  await waitUntilReady(engine, soon);
  const first = await engine.listener?.();
  expect(first).toMatch(/^\d+$/);
  expect(await engine.listener?.()).toBe(first);
  await fetch(`${engine.baseUrl}/leave`).catch(() => undefined);
  await expect.poll(async () => await engine.listener?.(), { timeout: 60_000 }).toBe(undefined);
  const impostor = await impostorAt(port);
  try {
    const refusal = {
      failureClass: 'cannot-start',
      message: expect.stringMatching(
        new RegExp(
          `^process ${impostor.pid} \\(.+\\) listens on port ${port} of .* not the engine that was started$`,
        ),
      ),
    };
    await expect(engine.listener?.()).rejects.toMatchObject(refusal);
    await expect(waitUntilReady(engine, soon)).rejects.toMatchObject(refusal);
  } finally {
    impostor.kill('SIGKILL');
  }
}
