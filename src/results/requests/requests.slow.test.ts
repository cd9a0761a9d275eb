import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hasBrowser, openBrowser } from '../../../test/support/browser.ts';
import type { RequestRecord } from '../../load/index.ts';
import { startMockProcess } from '../../load/mock/process.ts';
import { rawResultSchema } from '../../load/result-schema.ts';
import { readRequests } from './index.ts';

const run = promisify(execFile);
async function allOf(file: string): Promise<RequestRecord[]> {
  const records: RequestRecord[] = [];
  for await (const one of readRequests(file)) records.push(one);
  return records;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'requests-'));
  await using mock = await startMockProcess({ ttftMs: 20, itlMs: 2, tokensPerEvent: 1, eventsPerWrite: 1 });
  const options =
    '--random-input-len 200 --random-range-ratio 0.5 --random-output-len 8 --ignore-eos --threads 2';
  const saved = `--num-prompts 60 --max-concurrency 6 --save-detailed --result-filename result.json --save-text`;
  const line = `bench serve --base-url ${mock.baseUrl} --model mock --no-server-metrics ${options} ${saved}`;
  const files = ['--result-dir', folder, '--save-requests', join(folder, 'run.jsonl')];
  await run(process.execPath, ['bin/inferencemax.js', ...line.split(' '), ...files]);
  await run(process.execPath, ['bin/inferencemax.js', 'bench', 'plot', join(folder, 'run.jsonl')]);
});
afterAll(async () => await rm(folder, { recursive: true }));

test('the records of a run of two threads agree with its result', async () => {
  const result = rawResultSchema.parse(JSON.parse(await readFile(join(folder, 'result.json'), 'utf8')));
  const records = await allOf(join(folder, 'run.jsonl'));
  expect(records.map(({ index }) => index)).toEqual(Array.from({ length: 60 }, (_, index) => index));
  expect(records.map(({ input_tokens }) => input_tokens)).toEqual(result.input_lens);
  expect(records.map(({ output_tokens }) => output_tokens)).toEqual(result.output_lens);
  expect(records.map(({ text }) => text)).toEqual(result.generated_texts);
  for (const [index, { ttft_ms }] of records.entries())
    expect((ttft_ms ?? Number.NaN) / 1000).toBeCloseTo(result.ttfts?.[index] ?? Number.NaN, 5);
  expect(new Set(records.map(({ address }) => address))).toEqual(new Set(['127.0.0.1']));
});

test.skipIf(!hasBrowser)('the picture fits wide and narrow screens in both themes', async () => {
  const browser = await openBrowser();
  try {
    for (const width of [1440, 390])
      for (const colorScheme of ['light', 'dark'] as const) {
        const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
        const fetched: string[] = [];
        page.on('request', (request) => fetched.push(request.url()));
        const address = pathToFileURL(join(folder, 'run.html')).href;
        await page.goto(address);
        expect(fetched).toEqual([address]);
        expect(await page.locator('svg').count()).toBe(7);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
        const background = await page.evaluate('getComputedStyle(document.body).backgroundColor');
        expect(background === 'rgb(255, 255, 255)').toBe(colorScheme === 'light');
        await page.close();
      }
  } finally {
    await browser.close();
  }
});
