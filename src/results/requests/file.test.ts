import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runs } from '../../../test/support/runs.ts';
import { InputError } from '../../errors.ts';
import type { RequestRecord } from '../../load/index.ts';
import { readRequests, requestsPage, writeRequests } from './index.ts';

async function allOf(file: string): Promise<RequestRecord[]> {
  const records: RequestRecord[] = [];
  for await (const one of readRequests(file)) records.push(one);
  return records;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'requests-'));
});
afterAll(async () => await rm(folder, { recursive: true }));

const time = fc.option(fc.double({ min: 1.7e9, max: 1.8e9, noNaN: true }));
const ms = fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }));
const count = fc.option(fc.integer({ min: 0, max: 2 ** 31 - 1 }));
const words = fc.option(fc.string({ unit: 'grapheme' }));
const record: fc.Arbitrary<RequestRecord> = fc.record({
  index: fc.nat(),
  state: fc.constantFrom('completed', 'failed', 'abandoned'),
  due_time: time,
  start_time: time,
  first_token_time: time,
  last_token_time: time,
  end_time: time,
  ttft_ms: ms,
  tpot_ms: ms,
  e2el_ms: ms,
  input_tokens: count,
  output_tokens: count,
  cached_tokens: count,
  chunks: count,
  address: words,
  request_id: words,
  error: words,
  text: words,
});

describe('a file of requests', () => {
  test.each(['jsonl', 'parquet'])('has every value of every record as %s', async (ending) => {
    const file = join(folder, `all.${ending}`);
    await fc.assert(
      fc.asyncProperty(fc.array(record, { maxLength: 20 }), async (records) => {
        await writeRequests(file, records);
        expect(await allOf(file)).toEqual(records);
      }),
      { numRuns: runs(15) },
    );
  });

  test.each(['jsonl', 'parquet'])('is read back beyond one part as %s', async (ending) => {
    const [one] = fc.sample(record, { numRuns: 1, seed: 1 });
    if (one === undefined) throw new Error('fast-check drew nothing');
    const records = Array.from({ length: 12_001 }, (_, index) => ({ ...one, index }));
    const file = join(folder, `long.${ending}`);
    await writeRequests(file, records);
    const indexes = (await allOf(file)).map(({ index }) => index);
    expect(indexes).toEqual(records.map(({ index }) => index));
  });

  test('appears only when it is complete', async () => {
    const own = await mkdtemp(join(folder, 'broken-'));
    const records = function* (): Generator<RequestRecord> {
      yield* fc.sample(record, 3);
      throw new Error('the disk is gone');
    };
    for (const ending of ['jsonl', 'parquet'])
      await expect(writeRequests(join(own, `a.${ending}`), records())).rejects.toThrow('the disk is gone');
    expect(await readdir(own)).toEqual([]);
  });

  test('with a broken line is rejected with its line', async () => {
    const file = join(folder, 'broken.jsonl');
    const [good] = fc.sample(record, 1);
    const problemOf = async (line: string): Promise<string> => {
      await writeFile(file, `${JSON.stringify(good)}\n${line}\n`);
      const error = await allOf(file).catch((thrown: unknown) => thrown);
      return error instanceof InputError ? error.message : 'no problem';
    };
    expect(await problemOf('{"index": 5')).toMatch(/broken\.jsonl:2.*not JSON/);
    expect(await problemOf('{"index": 5}')).toMatch(/broken\.jsonl:2.*not a request/);
    await expect(allOf(join(folder, 'none.jsonl'))).rejects.toThrow(InputError);
    await expect(allOf(join(folder, 'none.parquet'))).rejects.toThrow(InputError);
    await expect(allOf('requests.csv')).rejects.toThrow('.jsonl or .parquet');
  });
});

describe('the picture of a run', () => {
  const runOf = (length: number, changes: Partial<RequestRecord> = {}): RequestRecord[] =>
    Array.from({ length }, (_, index) => ({
      index,
      state: 'completed',
      due_time: null,
      start_time: 1.75e9 + index / 10,
      first_token_time: 1.75e9 + index / 10 + 0.2,
      last_token_time: 1.75e9 + index / 10 + 1,
      end_time: 1.75e9 + index / 10 + 1,
      ttft_ms: 200,
      tpot_ms: 8,
      e2el_ms: 1000,
      input_tokens: 100 + index,
      output_tokens: 101,
      cached_tokens: null,
      chunks: 101,
      address: 'h',
      request_id: null,
      error: null,
      text: null,
      ...changes,
    }));
  const titlesOf = (page: string) =>
    [...page.matchAll(/<figcaption>(.*)<\/figcaption>/g)].map(([, title]) => title);

  test('needs nothing from elsewhere, and no script', () => {
    const page = requestsPage('a.jsonl', runOf(50));
    expect(page).not.toMatch(/<script|https?:|src=|href=|@import|url\(/);
    expect(titlesOf(page)).toEqual([
      'Timeline of the requests',
      'Requests in flight',
      'Time to first token over time',
      'Time to first token against input length',
      'Time to first token',
      'Time per output token',
      'End-to-end latency',
    ]);
    expect(page).toContain('median 200 ms, p90 200 ms, p99 200 ms of 50 replies.');
    expect(page.match(/<circle/g)).toHaveLength(100);
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });

  test('leaves out what no request has', () => {
    const page = requestsPage('a.jsonl', runOf(5, { tpot_ms: null, input_tokens: null }));
    expect(titlesOf(page)).not.toContain('Time per output token');
    expect(titlesOf(page)).not.toContain('Time to first token against input length');
    expect(requestsPage('a.jsonl', [])).toContain('nothing to draw');
  });

  test('of a long run says how much of it is drawn', () => {
    const page = requestsPage('a.jsonl', runOf(20_000));
    expect(page.length).toBeLessThan(1_000_000);
    expect(page).toContain('400 of 20,000 requests are drawn');
    expect(page).toContain('2,858 of 20,000 requests are drawn');
  });

  test('shows failures, and no markup from a name', () => {
    const failed = runOf(3, { state: 'failed', first_token_time: null, ttft_ms: null, error: 'stalled' });
    const page = requestsPage('<b>.jsonl', [...runOf(3), ...failed]);
    expect(page).toContain('6 requests, 3 failed');
    expect(page.match(/class="failed"/g)).toHaveLength(3);
    expect(page).not.toContain('<b>');
  });
});
