import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { pinned } from './pinning.ts';

const quantiles = z.object({ p50: z.number(), p99: z.number() });
const truthSchema = z.object({
  requests: z.number(),
  peak_inflight: z.number(),
  ttft: quantiles,
  tpot: quantiles,
  gap: quantiles,
});

/** What the server did according to its own clock, milliseconds. */
export type ServerTruth = z.infer<typeof truthSchema>;

/** The server's pace: milliseconds, tokens, events per write. */
export interface Pace {
  readonly ttftMs: number;
  readonly itlMs: number;
  readonly tokens: number;
  readonly coalesce: number;
}

export interface RunningMock extends AsyncDisposable {
  readonly url: string;
  truth(): Promise<ServerTruth>;
}

/** Builds the Go server from the source in `folder`; returns the program's path. */
export async function buildMock(folder: string, into: string): Promise<string> {
  await mkdir(into, { recursive: true });
  const program = join(into, 'mock-server');
  await promisify(execFile)('go', ['build', '-o', program, '.'], { cwd: folder });
  return program;
}

/** Starts it on a free loopback port, pinned to core 0. */
export async function startMock(program: string, pace: Pace): Promise<RunningMock> {
  const port = await freePort();
  const args = [
    ['-addr', `127.0.0.1:${port}`],
    ['-ttft', String(pace.ttftMs)],
    ['-itl', String(pace.itlMs)],
    ['-tokens', String(pace.tokens)],
    ['-coalesce', String(pace.coalesce)],
  ].flat();
  const [command, argv] = pinned(0, program, args);
  const child = spawn(command, argv, { stdio: 'ignore', env: { ...process.env, GOMAXPROCS: '1' } });
  const exited = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  await untilHealthy(url, exited);
  return {
    url,
    truth: async () => truthSchema.parse(await (await fetch(`${url}/stats`)).json()),
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
    },
  };
}

async function untilHealthy(url: string, exited: Promise<unknown[]>): Promise<void> {
  const died = exited.then(() => Promise.reject(new Error('the mock server ended before it listened')));
  const deadlineMs = performance.now() + 10_000;
  for (;;) {
    const answered = await Promise.race([
      died,
      fetch(`${url}/health`).then(
        (response) => response.ok,
        () => false,
      ),
    ]);
    if (answered) return void died.catch(() => {});
    if (performance.now() > deadlineMs) throw new Error('the mock server did not listen within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
