import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  randomNumbers,
  somePoint,
  syntheticJob,
  syntheticRaw,
} from '../../test/support/synthetic-results.ts';
import { aggregateRowOfJob, rowOfServer } from '../results/index.ts';
import { openStore, type Store } from './index.ts';

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raw-results-'));
  store = await openStore(join(folder, 'store.sqlite'));
  await mkdir(join(folder, 'results', 'raw'), { recursive: true });
  await mkdir(join(folder, 'results', 'agg'));
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const raw = {
  ...syntheticRaw(somePoint, randomNumbers(0)),
  fidelity: { verdict: 'checked', reasons: [] },
};
const facts = { hw: 'h200', framework: 'vllm', image: 'v0.11.0', precision: 'fp8', tp: 4 };
const shape = { isl: 1024, osl: 128 };
const known = { rowOf: (one: unknown) => rowOfServer(one, facts, shape) };

const put = async (name: string, value: unknown) =>
  await writeFile(join(folder, 'results', name), JSON.stringify(value));

describe('a raw result in raw/', () => {
  test('is assigned to its row in agg/ and sets its verdict', async () => {
    await put('raw/one.json', raw);
    await put('agg/agg_one.json', aggregateRowOfJob(raw, syntheticJob(somePoint)));
    const outcome = await store.ingest(join(folder, 'results'));
    expect(outcome).toMatchObject({ added: 1, quarantined: [] });
    expect(await store.latestPoints()).toMatchObject([{ verdict: 'checked', row: { conc: somePoint.conc } }]);
    expect(await store.ingest(join(folder, 'results'))).toMatchObject({ added: 0, unchanged: 1 });
  });

  test('is kept without a row if it is invalid', async () => {
    await put('raw/one.json', {
      ...raw,
      fidelity: { verdict: 'invalid', reasons: ['the client was too slow'] },
    });
    expect(await store.ingest(join(folder, 'results'))).toMatchObject({ added: 1, quarantined: [] });
    expect(await store.latestPoints()).toEqual([]);
    expect((await store.stats()).measurements).toMatchObject({ invalid: 1 });
  });
});

describe('raw results of a server that the caller describes', () => {
  test('become points: alone, in lists and as JSON lines', async () => {
    const at = (conc: number) => ({ ...raw, max_concurrency: conc });
    await put('c1.json', at(1));
    await put('list.json', [at(2), at(4)]);
    await writeFile(join(folder, 'results', 'lines.jsonl'), `${JSON.stringify(at(8))}\n`);
    const outcome = await store.ingest(join(folder, 'results'), known);
    expect(outcome).toMatchObject({ added: 4, quarantined: [] });
    const points = await store.latestPoints();
    expect(points.map(({ row }) => row.conc).toSorted()).toEqual([1, 2, 4, 8]);
    for (const { row, verdict } of points) {
      expect(verdict).toBe('checked');
      expect(row).toMatchObject({ ...facts, ...shape, infmax_model_prefix: 'deepseek-r1-0528', ep: 1 });
      expect(row.tput_per_gpu).toBeCloseTo(Number(Reflect.get(raw, 'total_token_throughput')) / 4);
    }
  });

  test('are rejected with a hint if their concurrency is unbounded', async () => {
    await put('c.json', { ...raw, max_concurrency: null });
    const { added, quarantined } = await store.ingest(join(folder, 'results'), known);
    expect(added).toBe(0);
    expect(quarantined[0]?.reason).toContain('measure with --max-concurrency');
  });

  test('are rejected without facts, with the options to pass', async () => {
    await put('c.json', raw);
    const { quarantined } = await store.ingest(join(folder, 'results'));
    expect(quarantined).toMatchObject([{ file: 'c.json', reason: expect.stringContaining('--hardware') }]);
  });
});
