import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { januaryFolder, januaryMasters, januaryRunners } from '../../test/support/january.ts';
import { TestProduct } from '../../test/support/product.ts';
import { benchmarkRow, runUrl } from '../../test/support/public-api.ts';
import { loadMasterConfigs, loadRunnerPools } from '../config/index.ts';
import { pointOf } from '../public/rows.ts';
import { openStore, publicSource, type Store } from '../store/index.ts';
import { indexKind } from './documents/index-document.ts';
import { pointKind } from './documents/point.ts';
import { reliabilityOf } from './documents/reliability.ts';
import { shapeKind } from './documents/shape.ts';
import type { Knowledge } from './knowledge.ts';
import { loadKnowledge } from './load-knowledge.ts';
import { viewOf } from './questions/point-view.ts';

let folder: string;
let store: Store;
let knowledge: Knowledge;

const roles = { disagg: true, is_multinode: true, prefill_num_workers: 1, decode_num_workers: 1 };
/** Public points of several kinds, each on a different day, by which it can be identified. */
const rows = [
  benchmarkRow({ hardware: 'h200', framework: 'trt' }),
  benchmarkRow({ hardware: 'b200', framework: 'trt', precision: 'fp4', image: 'nvcr.io/nvidia/trt:9' }),
  benchmarkRow({ hardware: 'b200', framework: 'trt', precision: 'fp4', spec_method: 'mtp' }),
  benchmarkRow({ hardware: 'mi325x', framework: 'sglang', spec_method: 'mtp' }),
  benchmarkRow({ hardware: 'mi355x', framework: 'mori-sglang', ...roles }),
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'public-server-'));
  store = await openStore(join(folder, 'store.sqlite'));
  await store.ingestCopied(publicSource, {
    id: 'public-1',
    command: 'public pull',
    url: runUrl(1),
    at: new Date('2026-02-01T00:00:00Z'),
    points: rows.map((row) => pointOf(row).row),
    scores: [],
  });
  await store.ingestJobCounts(publicSource, [
    { hw: 'h200', day: '2026-02-01', ended: 4, succeeded: 3 },
    { hw: 'h200', day: '2026-02-03', ended: 2, succeeded: 2 },
    { hw: 'gb300', day: '2026-02-03', ended: 1, succeeded: 0 },
  ]);
  knowledge = await loadKnowledge(store, {
    configs: await loadMasterConfigs(januaryMasters),
    pools: await loadRunnerPools(januaryRunners),
  });
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

/** The document and the API answer of the only point of an engine on some hardware. */
async function pointOn(hw: string, framework: string, specDecoding = 'none') {
  const [point] = await store.latestPoints({ hw, framework, specDecoding });
  if (point === undefined) throw new Error(`there is no point on ${hw}`);
  const document = await pointKind.build(knowledge, { id: point.id });
  if (document === undefined) throw new Error(`there is no document of ${point.id}`);
  return { point, document };
}

describe('a public point', () => {
  test('has its source, run and mark in its document, in the API and in columns', async () => {
    const origin = { source: 'public', runUrl: runUrl(1), mark: 'thinned copy' };
    const { point, document } = await pointOn('h200', 'trt');
    expect(document.origin).toEqual(origin);
    expect(viewOf(point, knowledge.gpus).origin).toEqual(origin);
    expect(document.row).toMatchObject({ run_url: runUrl(1) });
    const shape = await shapeKind.build(knowledge, { shape: 'dsr1_1024_1024' });
    expect(shape?.origins).toEqual([{ source: 'public', mark: 'thinned copy' }]);
    expect(shape?.runs).toHaveLength(1);
  });
});

describe('the command that repeats a public point', () => {
  const entriesOf = (stdin: string | undefined) =>
    z.array(z.record(z.string(), z.unknown())).parse(JSON.parse(stdin ?? '[]'));

  test('uses the image, the model and the pool of a config that measures such points, and says so', async () => {
    const { reproduce } = (await pointOn('h200', 'trt')).document;
    expect(reproduce?.assumes).toContain('dsr1-fp8-h200-trt');
    const config = knowledge.configs.get('dsr1-fp8-h200-trt');
    expect(entriesOf(reproduce?.stdin)).toMatchObject([
      { image: config?.image, model: 'deepseek-ai/DeepSeek-R1-0528', runner: 'h200', conc: 4, tp: 8 },
    ]);
  });

  test("uses the measured image if it is known, on the engine's pool", async () => {
    const { reproduce } = (await pointOn('b200', 'trt')).document;
    expect(reproduce?.assumes).not.toContain('image');
    expect(entriesOf(reproduce?.stdin)).toMatchObject([
      { image: 'nvcr.io/nvidia/trt:9', runner: 'b200-trt', 'spec-decoding': 'none' },
    ]);
  });

  test('uses the config with the same speculative decoding', async () => {
    const { reproduce } = (await pointOn('b200', 'trt', 'mtp')).document;
    expect(reproduce?.assumes).toContain('dsr1-fp4-b200-trt-mtp');
  });

  test('is missing if no config measures such points or the row has too few facts', async () => {
    expect((await pointOn('mi325x', 'sglang', 'mtp')).document.reproduce).toBeNull();
    expect((await pointOn('mi355x', 'mori-sglang')).document.reproduce).toBeNull();
  });

  test('can be planned in every case', async () => {
    const documents = await Promise.all(
      (await store.latestPoints()).map(async ({ id }) => await pointKind.build(knowledge, { id })),
    );
    const entries = documents.flatMap((document) => entriesOf(document?.reproduce?.stdin));
    expect(entries).toHaveLength(3);
    const file = join(folder, 'entries.json');
    await writeFile(file, JSON.stringify(entries));
    const plan = new TestProduct(['plan', '--entries', file, '--json'], { cwd: januaryFolder });
    expect([await plan.exited, plan.stderr]).toEqual([0, '']);
  });
});

describe('job counts', () => {
  test('are reported by hardware and by day, separately from attempts', async () => {
    const { groups, byDay, jobs } = await reliabilityOf(knowledge, {});
    expect({ groups, byDay }).toEqual({ groups: [], byDay: [] });
    expect(jobs.byHardware).toContainEqual({
      source: 'public',
      hw: 'h200',
      ended: 6,
      succeeded: 5,
      firstDay: '2026-02-01',
      lastDay: '2026-02-03',
    });
    expect(jobs.byDay).toEqual([
      { day: '2026-02-01', ended: 4, succeeded: 3 },
      { day: '2026-02-03', ended: 3, succeeded: 2 },
    ]);
  });

  test('are reported by period, the same for all hardware', async () => {
    const days = [
      { hw: 'h100', day: '2025-10-01', ended: 100, succeeded: 10 },
      { hw: 'h100', day: '2026-01-05', ended: 10, succeeded: 9 },
    ];
    const another = await openStore(join(folder, 'periods.sqlite'));
    await another.ingestJobCounts(publicSource, [
      ...days,
      { hw: 'gb300', day: '2026-02-03', ended: 4, succeeded: 3 },
    ]);
    const { periods } = await reliabilityOf({ ...knowledge, store: another }, {});
    await another.close();
    expect(
      periods.map(({ jobs, days: length, from, to }) => [
        length,
        from,
        to,
        jobs.map(({ hw, ended, firstDay, lastDay }) => [hw, ended, firstDay, lastDay]),
      ]),
    ).toEqual([
      [
        30,
        '2026-01-05',
        '2026-02-03',
        [
          ['h100', 10, '2026-01-05', '2026-01-05'],
          ['gb300', 4, '2026-02-03', '2026-02-03'],
        ],
      ],
      [
        90,
        '2025-11-06',
        '2026-02-03',
        [
          ['h100', 10, '2026-01-05', '2026-01-05'],
          ['gb300', 4, '2026-02-03', '2026-02-03'],
        ],
      ],
      [
        null,
        '2025-10-01',
        '2026-02-03',
        [
          ['h100', 110, '2025-10-01', '2026-01-05'],
          ['gb300', 4, '2026-02-03', '2026-02-03'],
        ],
      ],
    ]);
    // A period that would contain all days anyway is not repeated.
    expect((await reliabilityOf(knowledge, {})).periods.map(({ days: length }) => length)).toEqual([null]);
  });

  test('can be filtered by hardware but not by engine, which is unknown', async () => {
    expect((await reliabilityOf(knowledge, { hw: 'gb300' })).jobs.byDay).toHaveLength(1);
    expect((await reliabilityOf(knowledge, { framework: 'trt' })).jobs.byHardware).toEqual([]);
  });
});

test('the index has titles for everything measured and for every known model and engine', async () => {
  const names = (await indexKind.build(knowledge, {}))?.names;
  expect(names?.models).toContainEqual({ prefix: 'dsr1', title: 'DeepSeek R1 0528' });
  expect(names?.models).toContainEqual({ prefix: 'gptoss', title: 'gpt-oss 120B' });
  expect(names?.hardware).toContainEqual({ hw: 'mi355x', title: 'Instinct MI355X' });
  expect(names?.engines).toContainEqual({
    framework: 'dynamo-trt',
    title: 'TensorRT-LLM via Dynamo',
    marker: 'diamond',
  });
});
