import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { hasBrowser, openBrowser } from '../../../test/support/browser.ts';
import { busyMachine, TestProduct } from '../../../test/support/product.ts';
import { type MockProcess, startMockProcess } from '../../load/mock/process.ts';
import { openStore } from '../../store/index.ts';

let mock: MockProcess;
let folder: string;
let state: string;

beforeAll(async () => {
  mock = await startMockProcess({ ttftMs: 300, itlMs: 40, tokensPerEvent: 1, eventsPerWrite: 1 });
  folder = await mkdtemp(join(tmpdir(), 'bench-publish-'));
});
beforeEach(async () => {
  state = await mkdtemp(join(folder, 'state-'));
});
afterAll(async () => {
  await mock[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function product(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...busyMachine } };
    execFile(process.execPath, ['bin/inferencemax.js', ...args], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

const server = (model = 'org/Mock-1B') => ['--base-url', mock.baseUrl, '--model', model, '--ignore-eos'];
const shape = ['--random-input-len', '20', '--random-output-len', '8'];
const facts = [
  '--hardware',
  'H100',
  '--framework',
  'vllm',
  '--image',
  'vllm/vllm-openai:v0.11.0',
  '--precision',
  'fp8',
  '--tp',
  '2',
];
const serve = (...more: string[]) => product('bench', 'serve', ...shape, '--state-dir', state, ...more);

const urlIn = z.object({ url: z.string() });

/** Opens the dashboard of the store: the summary names the hardware, and its frontier and verdicts are shown. */
async function expectOnPage(verdicts: readonly string[]): Promise<void> {
  const args = ['serve', '--port', '0', '--json', '--store', join(state, 'store.sqlite')];
  const dashboard = new TestProduct(args, { cwd: folder });
  // Request it at once: if the server were ready before anyone listens, the wait would never end.
  const ready = new Promise<string>((resolve, reject) => {
    dashboard.child.stdout?.once('data', () => resolve(urlIn.parse(JSON.parse(dashboard.stdout)).url));
    void dashboard.exited.then(() => reject(new Error(dashboard.stderr)));
  });
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(await ready);
    const row = page.locator('tr[data-hw="h100"]');
    await row.waitFor();
    expect(await row.textContent()).toContain('H100 SXM');
    await page.locator('[data-line="h100"]').waitFor();
    const verdict = (await row.locator('.badge').textContent())?.trim().split(' ').at(-1);
    expect(verdicts).toContain(verdict);
  } finally {
    await browser.close();
    dashboard.child.kill('SIGTERM');
    await dashboard.exited;
  }
}

async function storedPoints() {
  const store = await openStore(join(state, 'store.sqlite'), 'read');
  try {
    return await store.latestPoints();
  } finally {
    await store.close();
  }
}

describe('bench serve with several concurrencies', () => {
  test('measures each with different prompts, and prints one table that fits', async () => {
    const { code, stdout, stderr } = await serve(
      ...server(),
      '--max-concurrency',
      '1,2,4',
      '--num-prompts',
      '8',
      '--save-result',
      '--result-dir',
      state,
      '--result-filename',
      'c.json',
    );
    expect(code, stderr).toBe(0);
    const names = [1, 2, 4].map((conc) => `c-concurrency${conc}.json`);
    expect((await readdir(state)).toSorted()).toEqual(names);
    const results = await Promise.all(
      names.map(async (name) => JSON.parse(await readFile(join(state, name), 'utf8'))),
    );
    expect(results.map(({ max_concurrency: conc }) => conc)).toEqual([1, 2, 4]);
    expect(new Set(results.map(({ seed }) => seed)).size).toBe(3);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^concurrency {2,}tok\/s {2}tok\/s\/user.*verdict$/);
    expect(lines.slice(1).map((line) => line.trim().split(' ')[0])).toEqual(['1', '2', '4']);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('as JSON lines, each event has its concurrency', async () => {
    const { stdout } = await serve(...server(), '--max-concurrency', '1,2', '--num-prompts', '4', '--json');
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const results = events.filter(({ event }) => event === 'result');
    expect(results.map(({ max_concurrency: conc }) => conc)).toEqual([1, 2]);
    for (const { max_concurrency: conc } of events) expect([1, 2]).toContain(conc);
  });
});

describe('bench serve --publish', () => {
  test('puts points with their verdicts into the store, and remembers the facts about the server', async () => {
    const first = await serve(
      ...server(),
      ...facts,
      '--publish',
      '--max-concurrency',
      '1,2',
      '--num-prompts',
      '6',
    );
    expect(first.code, first.stderr).toBe(0);
    expect(first.stderr).toMatch(/^note: 2 new points in .*store\.sqlite$/m);
    const points = await storedPoints();
    expect(points.map(({ row }) => row.conc).toSorted()).toEqual([1, 2]);
    for (const { row, measuredAt } of points) {
      expect(row).toMatchObject({
        hw: 'h100',
        framework: 'vllm',
        image: 'vllm/vllm-openai:v0.11.0',
        precision: 'fp8',
        tp: 2,
        model: 'org/Mock-1B',
        infmax_model_prefix: 'mock-1b',
        isl: 20,
        osl: 8,
        is_multinode: false,
      });
      expect(Math.abs(Date.now() - Date.parse(measuredAt))).toBeLessThan(600_000);
    }
    const [run] = await readdir(join(state, 'runs'));
    const written = join(state, 'runs', String(run));
    const raw = JSON.parse(await readFile(join(written, 'raw', 'conc2_2.json'), 'utf8'));
    expect(points.find(({ row }) => row.conc === 2)?.verdict).toBe(raw.fidelity.verdict);
    expect(await readFile(join(written, 'summary.md'), 'utf8')).toContain('Single-Node Results');

    if (hasBrowser) await expectOnPage(points.map(({ verdict }) => verdict));

    const again = await serve(...server(), '--publish', '--max-concurrency', '4', '--num-prompts', '8');
    expect(again.code, again.stderr).toBe(0);
    expect(again.stderr).toMatch(/^note: 1 new point in /m);
    expect(again.stderr).toContain('published as H100, vllm, vllm/vllm-openai:v0.11.0, fp8, tp 2 (');
    expect(await storedPoints()).toHaveLength(3);

    const other = await serve(
      ...server('org/Other'),
      '--publish',
      '--max-concurrency',
      '4',
      '--num-prompts',
      '4',
    );
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('--publish also needs --hardware, --framework');
  });

  test.each([
    [[], '--publish needs --max-concurrency'],
    [['--max-concurrency', '2', '--random-range-ratio', '0'], '--publish takes no --random-range-ratio 0'],
    [['--max-concurrency', '2', '--dataset-name', 'prefix_repetition'], '--publish needs random prompts'],
    [['--max-concurrency', '2', '--shard', '1/2'], '--publish takes no --shard'],
  ])('rejects %j before anything is sent', async (options, message) => {
    await mock.reset();
    const { code, stderr } = await serve(...server(), ...facts, '--publish', ...options);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect((await mock.truth()).requests).toBe(0);
  });
});

test('a note says that --random-range-ratio 0 is not vLLM’s exact length', async () => {
  const { stderr } = await serve(
    ...server(),
    '--random-range-ratio',
    '0',
    '--num-prompts',
    '2',
    '--max-concurrency',
    '1',
  );
  expect(stderr).toMatch(/^note: --random-range-ratio 0 draws every length from 1 to the full 20 tokens/m);
});

test('store ingest turns saved results into points with the same options', async () => {
  const results = join(state, 'results');
  await serve(
    ...server(),
    '--max-concurrency',
    '1,2',
    '--num-prompts',
    '6',
    '--save-result',
    '--result-dir',
    results,
  );
  const ingest = (...more: string[]) => product('store', 'ingest', results, '--state-dir', state, ...more);
  expect((await ingest('--hardware', 'h100')).stderr).toContain('also needs --framework');
  expect((await ingest(...facts)).stderr).toContain('--isl and --osl');
  const { code, stdout, stderr } = await ingest(...facts, '--isl', '20', '--osl', '8');
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('2 new measurements');
  expect((await storedPoints()).map(({ row }) => [row.hw, row.isl, row.osl, row.conc]).toSorted()).toEqual([
    ['h100', 20, 8, 1],
    ['h100', 20, 8, 2],
  ]);
});
