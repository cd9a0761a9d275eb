import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { said } from '../../../test/support/said.ts';
import type { RawResult } from '../../load/index.ts';
import { type MockProcess, startMockProcess } from '../../load/mock/process.ts';
import { rawResultSchema } from '../../load/result-schema.ts';

let mock: MockProcess;
let folder: string;

beforeAll(async () => {
  mock = await startMockProcess({ ttftMs: 20, itlMs: 2, tokensPerEvent: 1, eventsPerWrite: 1 });
  folder = await mkdtemp(join(tmpdir(), 'bench-'));
});
afterAll(async () => {
  await mock[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function bench(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['bin/inferencemax.js', 'bench', ...args], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}
const serve = (...args: string[]): ReturnType<typeof bench> =>
  bench(
    'serve',
    '--base-url',
    mock.baseUrl,
    '--model',
    'mock',
    '--random-input-len',
    '20',
    '--random-output-len',
    '8',
    '--ignore-eos',
    ...args,
  );

type Result = Partial<RawResult> & { readonly event: string };

async function eventsOf(...args: string[]): Promise<Result[]> {
  const { stdout } = await serve(...args, '--json');
  return stdout
    .trim()
    .split('\n')
    .map((line): Result => JSON.parse(line));
}

describe('bench serve', () => {
  it('accepts the options of the public client and writes its fields', async () => {
    const { code, stdout } = await serve(
      '--backend',
      'vllm',
      '--dataset-name',
      'random',
      '--random-range-ratio',
      '0.8',
      '--num-prompts',
      '20',
      '--max-concurrency',
      '4',
      '--request-rate',
      'inf',
      '--percentile-metrics',
      'ttft,tpot,itl,e2el',
      '--metric-percentiles',
      '90,99.9',
      '--goodput',
      'ttft:1000',
      'e2el:2000',
      '--seed',
      '3',
      '--trust-remote-code',
      '--endpoint',
      '/v1/completions',
      '--save-result',
      '--result-dir',
      folder,
      '--result-filename',
      'r.json',
    );
    expect(stdout).toMatch(/Successful requests: +20/);
    // On a busy machine the verdict may be worse; the exit code must match it.
    const [, verdict] = /verdict: (\w+)/.exec(stdout) ?? [];
    expect(['checked', 'suspect', 'invalid']).toContain(verdict);
    expect(code).toBe(verdict === 'invalid' ? 1 : 0);
    const result: unknown = JSON.parse(await readFile(join(folder, 'r.json'), 'utf8'));
    expect(result).toMatchObject({ backend: 'vllm', request_rate: 'inf', max_concurrency: 4, completed: 20 });
    expect(rawResultSchema.safeParse(result).error).toBeUndefined();
    expect(result).toHaveProperty(['p99.9_ttft_ms']);
    expect(result).toHaveProperty('request_goodput');
    expect(result).not.toHaveProperty('p99_ttft_ms');
  });

  it.each([
    ['without a limit', [], null],
    ['at once, up to the limit', ['--max-concurrency', '50'], 50],
  ])('does not penalize a test that sends everything %s', async (_, bound, asked) => {
    // No reply comes before everything is sent, even if a busy machine delays the client.
    await using slow = await startMockProcess({
      ttftMs: 2000,
      itlMs: 1,
      tokensPerEvent: 1,
      eventsPerWrite: 1,
    });
    const events = await eventsOf('--base-url', slow.baseUrl, '--num-prompts', '50', ...bound);
    const result = events.at(-1);
    expect(result).toMatchObject({
      max_concurrency: asked,
      fidelity: { asked_concurrency: asked, peak_concurrency: 50 },
    });
    expect(result?.fidelity?.reasons).not.toContainEqual(expect.stringMatching(/requested streams/));
  });

  it('prints events as JSON lines, with the result last', async () => {
    const events = await eventsOf('--num-prompts', '10', '--request-rate', '200');
    expect(events.at(-1)).toMatchObject({ event: 'result', completed: 10, max_concurrency: null });
    expect(events.slice(0, -1).every(({ event }) => event === 'progress')).toBe(true);
  });

  it('splits a test into shards whose results merge', async () => {
    const files = ['1/2', '2/2'].map(
      (shard) => [shard, join(folder, `${shard.replace('/', '-')}.json`)] as const,
    );
    await Promise.all(
      files.map(([shard, file]) =>
        serve(
          '--num-prompts',
          '21',
          '--max-concurrency',
          '3',
          '--shard',
          shard,
          '--save-result',
          '--result-dir',
          folder,
          '--result-filename',
          file.slice(folder.length + 1),
        ),
      ),
    );
    const output = join(folder, 'merged.json');
    const { stdout } = await bench('merge', ...files.map(([, file]) => file), '--output', output);
    expect(stdout).toMatch(/Successful requests: +21/);
    expect(JSON.parse(await readFile(output, 'utf8'))).toMatchObject({ completed: 21, max_concurrency: 3 });
    const paths = files.map(([, file]) => file);
    const twice = await bench('merge', ...paths, ...paths.slice(0, 1));
    expect(twice).toMatchObject({ code: 2, stderr: expect.stringMatching(/are both shard 1\/2/) });
    const half = await bench('merge', ...paths.slice(0, 1));
    expect(half).toMatchObject({ code: 2, stderr: expect.stringMatching(/missing shards: 2\/2/) });
  });

  it('gives each shard of a trace its part, at its recorded times and the requested speed', async () => {
    const trace = join(folder, 'trace.jsonl');
    const lines = Array.from({ length: 9 }, (_, index) =>
      JSON.stringify({ timestamp: 40_000 * index, input_length: 11 + index, output_length: 2, hash_ids: [] }),
    );
    await writeFile(trace, lines.join('\n'));
    const shards = await Promise.all(
      ['1/2', '2/2'].map((shard) =>
        eventsOf(
          '--dataset-name',
          'trace',
          '--dataset-path',
          trace,
          '--trace-speedup',
          '800',
          '--shard',
          shard,
        ),
      ),
    );
    const results = shards.map((events) => events.at(-1));
    expect(results).toMatchObject([
      { completed: 5, total_input_tokens: 11 + 13 + 15 + 17 + 19 },
      { completed: 4, total_input_tokens: 12 + 14 + 16 + 18 },
    ]);
    // The last request of the first shard is due after 8 × 40 / 800 s; without the speed-up, after 320 s.
    expect(results[0]?.duration).toBeGreaterThan(0.4);
    expect(results[0]?.duration).toBeLessThan(100);
  });

  it('generates conversations with a growing context, and agents that share a prefix', async () => {
    const [conversations] = (
      await eventsOf(
        '--dataset-name',
        'conversations',
        '--conversation-turns',
        '3',
        '--think-time',
        '0.05',
        '--num-prompts',
        '6',
        '--max-concurrency',
        '2',
        '--turn-input-len',
        '5',
      )
    ).slice(-1);
    // Two conversations of three turns: 20, 20 + 8 + 5, 33 + 8 + 5 tokens.
    expect(conversations).toMatchObject({ completed: 6, total_input_tokens: 2 * (20 + 33 + 46) });
    expect(conversations?.fidelity?.reasons).not.toContainEqual(expect.stringMatching(/requested streams/));
    const [agents] = (
      await eventsOf(
        '--dataset-name',
        'agentic',
        '--conversation-turns',
        '2',
        '--think-time',
        '0',
        '--threads',
        '2',
        '--num-prompts',
        '4',
        '--max-concurrency',
        '2',
        '--random-prefix-len',
        '100',
      )
    ).slice(-1);
    expect(agents).toMatchObject({ completed: 4, total_input_tokens: 2 * (120 + 148) });
  });

  it('sends at rates that change in stages, and reports both views of an open loop', async () => {
    const stages = ['--rate-stages', '20:0.5,20-200:0.5,200:5', '--num-prompts', '60'];
    const { stdout } = await serve(...stages);
    expect(stdout).toMatch(/Time to first token, from the actual send/);
    const result = (await eventsOf(...stages)).at(-1);
    expect(result).toMatchObject({ completed: 60, max_concurrency: null });
    // 10 requests in the first half second, 55 more in the next.
    expect(result?.duration).toBeGreaterThan(0.8);
  });

  it('stores a label and metadata from a configuration file in the result, but never over measured fields', async () => {
    const config = join(folder, 'bench.yaml');
    const lines = [
      'num-prompts: 3',
      'label: night',
      'metadata: { rack: 7, completed: 99 }',
      'save-result: true',
      `result-dir: ${folder}`,
      'result-filename: noted.json',
    ];
    await writeFile(config, lines.join('\n'));
    await serve('--config', config, '--num-prompts', '2');
    expect(JSON.parse(await readFile(join(folder, 'noted.json'), 'utf8'))).toMatchObject({
      label: 'night',
      rack: '7',
      completed: 2,
    });
  });

  /** Starts a test that does not end without a signal and writes its result to a file with this name. */
  const startLongTest = (resultFile: string) =>
    spawn(process.execPath, [
      'bin/inferencemax.js',
      'bench',
      'serve',
      '--base-url',
      mock.baseUrl,
      '--model',
      'mock',
      '--num-prompts',
      '100000',
      '--max-concurrency',
      '4',
      '--random-output-len',
      '4',
      '--json',
      '--save-result',
      '--result-dir',
      folder,
      '--result-filename',
      resultFile,
    ]);

  it('writes partial results when interrupted, and exits with 130', async () => {
    const child = startLongTest('partial.json');
    const exited = once(child, 'exit');
    let seen = '';
    let interrupted = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      seen += text;
      // Only once: a second Ctrl-C ends the process immediately.
      if (!interrupted && /"completed":[1-9]/.test(seen)) interrupted = child.kill('SIGINT');
    });
    expect((await exited)[0]).toBe(130);
    const result = JSON.parse(await readFile(join(folder, 'partial.json'), 'utf8'));
    expect(result).toMatchObject({ partial: true, num_prompts: 100_000 });
    expect(result.completed).toBeGreaterThan(0);
  });

  it('saves partial results when the reader of its output is gone', async () => {
    const child = startLongTest('unread.json');
    const exited = once(child, 'exit');
    await once(child.stdout, 'data');
    child.stdout.destroy();
    expect((await exited)[0]).toBe(130);
    const result = JSON.parse(await readFile(join(folder, 'unread.json'), 'utf8'));
    expect(result).toMatchObject({ partial: true, num_prompts: 100_000 });
  });

  it('waits for a server that is not ready until the timeout', async () => {
    const { code, stderr } = await bench(
      'serve',
      '--port',
      '1',
      '--model',
      'm',
      '--ready-check-timeout-sec',
      '0.6',
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/was not ready after 0\.6 s/);
  });

  it('stops at once, without a stack trace, when interrupted while waiting', async () => {
    const waiting = createServer((_, response) => response.writeHead(503).end()).listen(0, '127.0.0.1');
    await once(waiting, 'listening');
    const child = spawn(process.execPath, [
      'bin/inferencemax.js',
      'bench',
      'serve',
      '--port',
      String(portOf(waiting)),
      '--model',
      'm',
      '--ready-check-timeout-sec',
      '60',
    ]);
    const exited = once(child, 'close');
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    await once(waiting, 'request');
    child.kill('SIGINT');
    expect((await exited)[0]).toBe(130);
    expect(stderr).toMatch(/^interrupted/m);
    expect(stderr).not.toMatch(/internal error| {4}at /);
    waiting.close();
  });

  it.each([
    ['malformed stages', ['--rate-stages', '5'], /expected rate:seconds/],
    ['a body that is not an object', ['--extra-body', '[1]'], /expected a JSON object/],
    ['an option that is not a number', ['--num-prompts', 'many'], /whole number above 0/],
    ['an invalid port', ['--port', '99999'], /--port .*99999/],
    ['a rate together with stages', ['--rate-stages', '5:1', '--request-rate', '40'], /cannot be used with/],
    ['a missing tokenizer', ['--tokenizer', './nope'], /--tokenizer \.\/nope: no such/],
    ['a dataset without its file', ['--dataset-name', 'sharegpt'], /needs --dataset-path/],
    ['an invalid URL', ['--base-url', 'nowhere'], /--base-url is not a URL: expected .*http/],
  ])('rejects %s with exit code 2', async (_, args, message) => {
    const { code, stderr } = await said(
      'bench',
      'serve',
      '--base-url',
      mock.baseUrl,
      '--model',
      'mock',
      ...args,
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/ {4}at /);
  });

  it('sends nothing if the result could not be saved', async () => {
    const { code, stdout, stderr } = await serve(
      // A folder below this file cannot be created, and the requests would take hours.
      '--num-prompts',
      '10000000',
      '--save-result',
      '--result-dir',
      join(import.meta.filename, 'results'),
    );
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/error: cannot write .*result\.json/);
  });

  it.each(['openai', 'openai-chat'])('reports a duplicate /v1 in the URL for %s', async (backend) => {
    const strict = createServer((_, response) => response.writeHead(404).end('no such path'));
    strict.listen(0, '127.0.0.1');
    await once(strict, 'listening');
    const { code, stderr } = await bench(
      'serve',
      '--base-url',
      `http://127.0.0.1:${portOf(strict)}/v1`,
      '--backend',
      backend,
      '--model',
      'm',
      '--num-prompts',
      '2',
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/leave out the \/v1/);
    strict.close();
  });

  it('fails with exit code 1 if nothing listens', async () => {
    const { code, stderr } = await bench('serve', '--port', '1', '--model', 'm');
    expect(code).toBe(1);
    expect(stderr).toMatch(/cannot connect to http:\/\/127\.0\.0\.1:1/);
  });
});
