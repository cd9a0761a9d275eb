import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { loadMasterConfigs } from '../src/config/index.ts';
import { type MatrixEntry, matrixEntrySchema, rowIdentity, scriptVariables } from '../src/identity/index.ts';
import { fullSweep } from '../src/matrix/index.ts';
import { planSessions, type Recipe } from '../src/plan/index.ts';
import { aggregateRow, aggregateRowOfJob } from '../src/results/index.ts';
import { columnsOf } from '../src/server/documents/point-columns.ts';
import type { Knowledge } from '../src/server/knowledge.ts';
import { points as pointsQuestion } from '../src/server/questions/points.ts';
import { openStore, type Store } from '../src/store/index.ts';
import { pointsOf } from '../web/src/data/points.ts';
import { parseQuery } from '../web/src/state/params.ts';
import { facets, filtered } from '../web/src/views/explore/filters.ts';
import { exploreParams } from '../web/src/views/explore/params.ts';
import { randomNumbers, somePoint, syntheticRaw } from './support/synthetic-results.ts';

// Adds two fields like a newcomer would: one line each in the table, and a migration. No other product file changes.
vi.mock('../src/identity/table.ts', async (original) => {
  const module = await original<typeof import('../src/identity/table.ts')>();
  const tier = {
    name: 'cacheTier',
    type: 'text',
    of: 'entry',
    part: 'point',
    config: 'either',
    slot: 'more',
    default: 'memory',
    optional: true,
    query: 'cache_tier',
    page: 'cache-tier',
    label: 'Cache tier',
  };
  const slices = {
    name: 'sliceSize',
    type: 'count',
    of: 'layout',
    part: 'point',
    config: 'item',
    slot: 'tensor',
    default: 1,
    optional: true,
    multipliesGpus: true,
    query: 'slice_size',
    page: 'slice',
    label: 'SL',
    short: 'sl',
  };
  return { ...module, identityTable: [...module.identityTable, tier, slices] };
});
vi.mock('../src/store/migrations/index.ts', async (original) => {
  const { migrations } = await original<typeof import('../src/store/migrations/index.ts')>();
  const columns = [
    'cache_tier text',
    ...['', 'prefill_', 'decode_'].map((role) => `${role}slice_size integer`),
  ];
  const up = async (db: Kysely<unknown>) => {
    for (const column of columns)
      await sql.raw(`alter table configurations add column ${column}`).execute(db);
  };
  return { migrations: { ...migrations, '9999-two-fields': { up } } };
});

const config = `
new:
  image: org/engine:v1
  model: org/model
  model-prefix: dsr1
  precision: fp8
  framework: vllm
  runner: h200
  multinode: false
  seq-len-configs:
  - isl: 1024
    osl: 1024
    search-space:
    - { tp: 2, conc-list: [4] }
    - { tp: 2, slice-size: 1, cache-tier: memory, conc-list: [8] }
    - { tp: 2, slice-size: 2, cache-tier: disk, conc-list: [16] }
several:
  image: org/engine:v1
  model: org/model
  model-prefix: dsr1
  precision: fp8
  framework: dynamo
  runner: gb200
  multinode: true
  disagg: true
  cache-tier: disk
  seq-len-configs:
  - isl: 1024
    osl: 1024
    search-space:
    - conc-list: [32]
      prefill: { num-worker: 2, tp: 4, slice-size: 2, ep: 1, dp-attn: false }
      decode: { num-worker: 1, tp: 4, slice-size: 1, ep: 1, dp-attn: false }
`;

let folder: string;
let entries: readonly MatrixEntry[];
let store: Store;

const asked = (entry: MatrixEntry) => ({
  entry,
  conc: typeof entry.conc === 'number' ? entry.conc : (entry.conc[0] ?? 0),
  hardware: entry.runner,
});
const raw = (entry: MatrixEntry) =>
  syntheticRaw({ ...somePoint, conc: asked(entry).conc }, randomNumbers(asked(entry).conc));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'new-field-'));
  await writeFile(join(folder, 'master.yaml'), config);
  const pools = new Map([
    ['h200', ['h200_0']],
    ['gb200', ['gb200_0']],
  ]);
  entries = fullSweep(await loadMasterConfigs([join(folder, 'master.yaml')]), pools);
  const rows = entries.map((entry) => aggregateRow(raw(entry), rowIdentity(asked(entry))));
  await writeFile(join(folder, 'agg_bmk.json'), JSON.stringify(rows));
  store = await openStore(join(folder, 'store.sqlite'));
  expect(await store.ingest(join(folder, 'agg_bmk.json'))).toMatchObject({ added: 4, quarantined: [] });
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a field that is a line in the table', () => {
  test('gets from a config into entries, unless it has its default', () => {
    const [plain, atDefault, other, several] = entries;
    for (const entry of [plain, atDefault])
      expect(Object.keys(entry ?? {})).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/cache|slice/)]),
      );
    expect(other).toMatchObject({ 'cache-tier': 'disk', 'slice-size': 2 });
    expect(several).toMatchObject({ 'cache-tier': 'disk', prefill: { 'slice-size': 2 } });
    expect(several).not.toHaveProperty('decode.slice-size');
    expect(entries.map((entry) => matrixEntrySchema.parse(JSON.parse(JSON.stringify(entry))))).toEqual(
      entries,
    );
    expect(() => matrixEntrySchema.parse({ ...plain, 'no-such': 1 })).toThrow('no-such');
  });

  test('is in the plan, and names its result', () => {
    const ignorant: Recipe = {
      server: () => ({ args: [], env: {}, files: [], acceleratorCount: 4 }),
    };
    const context = { hardwareOf: ({ runner }: MatrixEntry) => runner };
    expect(() => planSessions(entries, { ...context, recipes: () => ignorant })).toThrow(
      'dsr1_fp8_h200_vllm does not use cache-tier, slice-size',
    );
    const recipe: Recipe = {
      heeds: ['slice-size', 'cache-tier'],
      server: () => ({ args: [], env: {}, files: [], acceleratorCount: 4 }),
    };
    const plan = planSessions(entries, { ...context, recipes: () => recipe });
    const ids = plan.sessions.flatMap(({ points }) => points.map(({ id }) => id));
    const [plain, atDefault, other, several] = [
      'dsr1_1k1k_fp8_vllm_tp2_ep1_dpa_false_conc4',
      'dsr1_1k1k_fp8_vllm_tp2_ep1_dpa_false_conc8',
      'dsr1_1k1k_fp8_vllm_tp2-pp1-dcp1-pcp1-ep1-dpafalse_disagg-false_spec-none_conc16',
      'dsr1_1k1k_fp8_dynamo_prefill-tp4-pp1-dcp1-pcp1-ep1-dpfalse-nw2_decode-tp4-pp1-dcp1-pcp1-ep1-dpfalse-nw1_disagg-true_spec-none_conc32',
    ];
    const fingerprint = (index: number) =>
      rowIdentity(asked(entries[index] as MatrixEntry)).recipe_fingerprint;
    expect(ids).toEqual([
      expect.stringMatching(`^${plain}_[0-9a-f]{10}$`),
      expect.stringMatching(`^${atDefault}_[0-9a-f]{10}$`),
      expect.stringMatching(`^${other}_[0-9a-f]{10}_recipe-${fingerprint(2)?.slice(0, 16)}$`),
      expect.stringMatching(`^${several}_[0-9a-f]{10}_recipe-${fingerprint(3)?.slice(0, 16)}$`),
    ]);
    expect(fingerprint(0)).toBe(fingerprint(1));
  });

  test('is passed to scripts, and read back into the same row', () => {
    for (const entry of entries) {
      const variables = scriptVariables(asked(entry));
      expect(variables.CACHE_TIER).toBe('cache-tier' in entry ? 'disk' : undefined);
      const row = aggregateRow(raw(entry), rowIdentity(asked(entry)));
      const { conc: _, model: __, ...job } = row;
      expect(aggregateRowOfJob(raw(entry), { ...variables, RESULT_FILENAME: 'result' })).toMatchObject(job);
    }
  });

  test('is in rows, whose per-GPU values include it', () => {
    const [, , other, several] = entries.map((entry) => aggregateRow(raw(entry), rowIdentity(asked(entry))));
    expect(other).toMatchObject({ cache_tier: 'disk', slice_size: 2, tp: 2 });
    expect(other?.tput_per_gpu).toBeCloseTo(
      Number(raw(entries[2] as MatrixEntry).total_token_throughput) / 4,
    );
    expect(several).toMatchObject({ prefill_slice_size: 2, num_prefill_gpu: 16, num_decode_gpu: 4 });
    expect(several).not.toHaveProperty('decode_slice_size');
  });

  test('is restored from the store unchanged, and points can be filtered by it', async () => {
    const rows = JSON.parse(await readFile(join(folder, 'agg_bmk.json'), 'utf8'));
    const stored = await store.latestPoints();
    const byConc = (list: readonly { readonly conc: number }[]) => list.toSorted((a, b) => a.conc - b.conc);
    expect(byConc(stored.map(({ row }) => row))).toEqual(byConc(rows));
    const concs = async (filter: string) =>
      (await store.points(JSON.parse(filter))).items.map(({ row }) => row.conc).toSorted((a, b) => a - b);
    expect(await concs('{"cacheTier":"disk"}')).toEqual([16, 32]);
    expect(await concs('{"cacheTier":"memory"}')).toEqual([4, 8]);
    expect(await concs('{"sliceSize":2}')).toEqual([16]);
    expect(await concs('{"prefillSliceSize":2}')).toEqual([32]);
    const charted = await store.chartPoints({ modelPrefix: 'dsr1' });
    expect(charted.map(({ row }) => [row.conc, row.cache_tier ?? null])).toEqual(
      expect.arrayContaining([
        [8, null],
        [16, 'disk'],
      ]),
    );
  });

  test('makes another configuration unless it has its default', async () => {
    const configurations = new Map(
      (await store.latestPoints()).map(({ row, configurationId }) => [row.conc, configurationId]),
    );
    expect(configurations.get(4)).toBe(configurations.get(8));
    expect(configurations.get(16)).not.toBe(configurations.get(8));
  });

  test('is a column of an export', async () => {
    const file = join(folder, 'points.csv');
    await store.export(file, { latest: true });
    const [header = '', ...lines] = (await readFile(file, 'utf8')).trim().split('\n');
    const column = header.split(',').indexOf('cache_tier');
    expect(lines.map((line) => line.split(',')[column]).toSorted()).toEqual(['', '', 'disk', 'disk']);
    expect(header).toContain('decode_slice_size');
  });

  test('is a filter of the API and part of its responses', async () => {
    const knowledge: Knowledge = {
      store,
      gpus: [],
      configs: new Map(),
      publishedAt: null,
      productVersion: '0',
    };
    expect(await pointsQuestion.ask(knowledge, { cache_tier: 'disk', slice_size: '2' })).toMatchObject({
      points: [{ conc: 16, fields: { cacheTier: 'disk', sliceSize: 2 } }],
    });
    const answered = z.object({
      points: z.array(z.object({ conc: z.number(), fields: z.record(z.string(), z.unknown()) })),
    });
    const asked = async (question: object) =>
      answered.parse(await pointsQuestion.ask(knowledge, question)).points;
    const points = await asked({ conc: 4 });
    expect(points).toMatchObject([{ fields: { recipeFingerprint: expect.any(String) } }]);
    expect(Object.keys(points[0]?.fields ?? {})).toEqual(['recipeFingerprint']);
    const { recipeFingerprint } = points[0]?.fields ?? {};
    const same = await asked({ recipe_fingerprint: recipeFingerprint });
    expect(same.map(({ conc }) => conc).toSorted()).toEqual([4, 8]);
  });

  test('is a filter on the page and part of its URL', async () => {
    const points = pointsOf(columnsOf(await store.latestPoints(), []));
    const concs = (query: string) =>
      filtered(points, parseQuery(exploreParams, query))
        .map(({ conc }) => conc)
        .toSorted((a, b) => a - b);
    expect(facets.map(({ label }) => label)).toContain('Cache tier');
    expect(concs('precision=all')).toEqual([4, 8, 16, 32]);
    expect(concs('precision=all&cache-tier=disk')).toEqual([16, 32]);
    expect(concs('precision=all&cache-tier=memory')).toEqual([4, 8]);
    expect(concs('precision=all&prefill-slice=2')).toEqual([32]);
  });
});
