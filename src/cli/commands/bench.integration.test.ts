import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MockProcess, startMockProcess } from '../../load/mock/process.ts';

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

describe('bench serve', () => {
  it('takes the options of the public client and writes its fields', async () => {
    const { code, stdout } = await serve(
      ...[
        '--backend',
        'vllm',
        '--dataset-name',
        'random',
        '--random-range-ratio',
        '0.8',
        '--num-prompts',
        '20',
      ],
      ...['--max-concurrency', '4', '--request-rate', 'inf', '--percentile-metrics', 'ttft,tpot,itl,e2el'],
      ...[
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
      ],
      ...['--save-result', '--result-dir', folder, '--result-filename', 'r.json'],
    );
    expect(stdout).toMatch(/Successful requests: +20/);
    // On a busy machine the verdict may be a worse one, and the exit code says the same.
    const [, verdict] = /verdict: (\w+)/.exec(stdout) ?? [];
    expect(['valid', 'suspect', 'invalid']).toContain(verdict);
    expect(code).toBe(verdict === 'invalid' ? 1 : 0);
    const result: unknown = JSON.parse(await readFile(join(folder, 'r.json'), 'utf8'));
    expect(result).toMatchObject({ backend: 'vllm', request_rate: 'inf', max_concurrency: 4, completed: 20 });
    expect(result).toHaveProperty(['p99.9_ttft_ms']);
    expect(result).toHaveProperty('request_goodput');
    expect(result).not.toHaveProperty('p99_ttft_ms');
  });

  it('prints events as JSON lines, the result last', async () => {
    const { stdout } = await serve('--num-prompts', '10', '--request-rate', '200', '--json');
    const events = stdout
      .trim()
      .split('\n')
      .map((line): { event: string } => JSON.parse(line));
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
  });

  it.each([
    ['an option that is no number', ['--num-prompts', 'many'], /whole number above 0/],
    ['a dataset without its file', ['--dataset-name', 'sharegpt'], /needs --dataset-path/],
    ['an address that is none', ['--base-url', 'nowhere'], /baseUrl must be an http/],
  ])('refuses %s with exit code 2', async (_, args, message) => {
    const { code, stderr } = await serve(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/ {4}at /);
  });

  it('fails with exit code 1 where nothing listens', async () => {
    const { code, stderr } = await bench('serve', '--port', '1', '--model', 'm');
    expect(code).toBe(1);
    expect(stderr).toMatch(/cannot connect to http:\/\/127\.0\.0\.1:1/);
  });
});
