import { type ChildProcess, execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { taskKinds } from '../../evals/tasks/index.ts';

const questions = 8;
const answers = new Map(
  taskKinds.arithmetic
    .make({ limit: questions, seed: 1 })
    .items.map(({ prompt, reference }) => [prompt, reference]),
);
const request = z.object({ messages: z.tuple([z.object({ content: z.string() })]) });

let folder: string;
let server: Server;
let baseUrl: string;
/** The engine's reply; it may do something first. */
let reply: (prompt: string) => string | Promise<string>;
let asked: number;
/** The evaluation that was started last. */
let child: ChildProcess;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eval-'));
  asked = 0;
  reply = (prompt) => `#### ${answers.get(prompt)}`;
  server = createServer(async (incoming, response) => {
    asked += 1;
    const content = await reply(request.parse(await json(incoming)).messages[0].content);
    const message = { role: 'assistant', content };
    response.end(JSON.stringify({ choices: [{ message, finish_reason: 'stop' }] }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  baseUrl = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

function evaluation(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const command = ['bin/inferencemax.js', 'eval', '--base-url', baseUrl, '--model', 'm'];
  const tasks = ['--task', 'arithmetic', '--limit', String(questions)];
  return new Promise((resolve) => {
    child = execFile(process.execPath, [...command, ...tasks, ...args], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

describe('eval', () => {
  it('compares with the answers of another engine at the same address', async () => {
    const reference = join(folder, 'bf16.json');
    const first = await evaluation('--output', reference);
    expect(first, first.stderr).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/100\.0 %.*not-judged/),
    });
    reply = () => 'blah 1';
    const second = await evaluation('--reference', reference);
    expect(second).toMatchObject({ code: 1, stdout: expect.stringMatching(/; fail: .*bf16\.json/) });
  });

  it('rejects an invalid URL', async () => {
    const { code, stderr } = await evaluation('--base-url', 'foo');
    expect(code).toBe(2);
    expect(stderr).toMatch(/--base-url .*'foo' is invalid/);
  });

  it('says what to check if no server can be reached', async () => {
    server.close();
    const { code, stdout, stderr } = await evaluation('--limit', '1');
    expect([code, stdout]).toEqual([1, expect.stringContaining('ECONNREFUSED')]);
    expect(stderr).toContain('check that the server is running and ready at that address');
  });

  it('asks nothing if the answers could not be saved', async () => {
    const { code, stderr } = await evaluation('--output', join(import.meta.filename, 'records.json'));
    expect(code).toBe(1);
    expect(stderr).toMatch(/cannot write .*records\.json/);
    expect(asked).toBe(0);
  });

  it('prints the scores even if the file can no longer be written', async () => {
    const output = join(folder, 'records.json');
    reply = async (prompt) => {
      await mkdir(output, { recursive: true });
      return `#### ${answers.get(prompt)}`;
    };
    const { code, stdout, stderr } = await evaluation('--output', output);
    expect(code).toBe(1);
    expect(stdout).toMatch(/100\.0 %/);
    expect(stderr).toMatch(/cannot write .*records\.json/);
  });

  it('saves and prints the answers so far when interrupted', async () => {
    const output = join(folder, 'part.json');
    reply = async (prompt) => {
      if (asked <= 3) return `#### ${answers.get(prompt)}`;
      child.kill('SIGINT');
      // No reply comes before the process has exited.
      return await new Promise<string>(() => {});
    };
    const { code, stdout } = await evaluation('--output', output, '--concurrency', '1');
    expect(code).toBe(130);
    expect(stdout).toMatch(/3 of 8 judged; not-judged/);
    expect(JSON.parse(await readFile(output, 'utf8'))).toMatchObject([
      { task: 'arithmetic', state: 'incomplete', n_eff: 3, n_asked: 8, gate: { verdict: 'not-judged' } },
    ]);
  });
});
