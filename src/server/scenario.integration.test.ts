import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { randomNumbers, somePoint, syntheticRow } from '../../test/support/synthetic-results.ts';
import { openStore, type Store } from '../store/index.ts';
import { shapeKind, shapesOf } from './documents/shape.ts';
import type { Knowledge } from './knowledge.ts';
import { best } from './questions/best.ts';
import { latestFrontier } from './questions/frontier.ts';
import { points as pointsQuestion } from './questions/points.ts';
import { search } from './questions/search.ts';

let folder: string;
let store: Store;
let knowledge: Knowledge;

/** The same engine at the same concurrencies, under two kinds of traffic. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scenario-'));
  const rowAt = (conc: number) => syntheticRow({ ...somePoint, conc }, randomNumbers(conc));
  const rows = [1, 2, 4].flatMap((conc) => [
    rowAt(conc),
    ...(conc === 1 ? [] : [{ ...rowAt(conc), scenario_type: 'agentic-coding' }]),
  ]);
  await writeFile(join(folder, 'agg_bmk.json'), JSON.stringify(rows));
  store = await openStore(join(folder, 'store.sqlite'));
  expect(await store.ingest(join(folder, 'agg_bmk.json'))).toMatchObject({ added: 5, quarantined: [] });
  knowledge = { store, gpus: [], configs: new Map(), publishedAt: null, productVersion: '0' };
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const shape = { model: 'dsr1', isl: '1024', osl: '1024' };
const asked = [
  ['fixed-seq-len', [1, 2, 4]],
  ['agentic-coding', [2, 4]],
] as const;
const withPoints = z.object({ points: z.array(z.object({ conc: z.number() })) });
const concsOf = (answer: unknown) =>
  withPoints
    .parse(answer)
    .points.map(({ conc }) => conc)
    .toSorted((a, b) => a - b);

describe('the kind of traffic', () => {
  test.each(asked)('%s selects points', async (scenario_type, concs) => {
    expect(concsOf(await pointsQuestion.ask(knowledge, { scenario_type }))).toEqual(concs);
  });

  test.each(asked)('%s has its own frontiers', async (scenario_type, concs) => {
    const answer = await latestFrontier.ask(knowledge, { ...shape, scenario_type });
    const { frontiers } = z.object({ frontiers: z.array(withPoints) }).parse(answer);
    const found = frontiers.flatMap(({ points }) => points.map(({ conc }) => conc));
    expect(found.length).toBeGreaterThan(0);
    for (const conc of found) expect(concs).toContain(conc);
  });

  test('defaults to fixed lengths in a question about one chart', async () => {
    for (const question of [latestFrontier, best]) {
      const more = { ...shape, interactivity: '10', usd_per_gpu_hour: '2' };
      const { usd_per_gpu_hour: _, interactivity: __, ...frontier } = more;
      const params = question === best ? more : frontier;
      expect(await question.ask(knowledge, params)).toEqual(
        await question.ask(knowledge, { ...params, scenario_type: 'fixed-seq-len' }),
      );
      expect(await question.ask(knowledge, { ...params, scenario_type: 'agentic-coding' })).toMatchObject({
        shape: { scenarioType: 'agentic-coding' },
      });
    }
  });

  test('makes another shape, which a search finds', async () => {
    const shapes = await shapesOf(knowledge);
    expect(shapes.map(({ key }) => key).toSorted()).toEqual([
      'dsr1_1024_1024',
      'dsr1_1024_1024_agentic-coding',
    ]);
    const document = await shapeKind.build(knowledge, { shape: 'dsr1_1024_1024_agentic-coding' });
    expect(document?.points.conc.toSorted()).toEqual([2, 4]);
    const found = z
      .object({ series: z.array(z.object({ shape: z.string() })) })
      .parse(await search.ask(knowledge, { q: 'agentic dsr1' }));
    expect(found.series.map((one) => one.shape)).toEqual(['dsr1_1024_1024_agentic-coding']);
  });
});

describe('the workload', () => {
  const workloads = ['desk@111111111111', 'desk@222222222222', 'talk@333333333333'];
  const kindOf = (workload: string) => (workload.startsWith('desk') ? 'shared-prefix' : 'conversations');
  let own: Store;
  let known: Knowledge;

  /** Equal engines and lengths: only what is sent differs. */
  beforeAll(async () => {
    const rows = workloads.flatMap((workload, index) =>
      [1, 2].map((conc) => ({
        ...syntheticRow({ ...somePoint, conc }, randomNumbers(10 * index + conc)),
        scenario_type: kindOf(workload),
        workload,
      })),
    );
    await writeFile(join(folder, 'agg_workloads.json'), JSON.stringify(rows));
    own = await openStore(join(folder, 'workloads.sqlite'));
    expect(await own.ingest(join(folder, 'agg_workloads.json'))).toMatchObject({ added: 6, quarantined: [] });
    known = { ...knowledge, store: own };
  });
  afterAll(async () => await own.close());

  test('has a separate chart with only its points', async () => {
    const shapes = await shapesOf(known);
    expect(shapes).toHaveLength(workloads.length);
    for (const { key } of shapes) {
      const document = await shapeKind.build(known, { shape: key });
      expect(document?.points.conc.toSorted()).toEqual([1, 2]);
    }
    const digests = workloads.map((workload) => workload.split('@').at(-1) ?? '');
    for (const digest of digests) expect(shapes.filter(({ key }) => key.includes(digest))).toHaveLength(1);
  });

  test.each(workloads)('%s has its own frontiers and points', async (workload) => {
    const one = { ...shape, scenario_type: kindOf(workload), workload };
    const answer = await latestFrontier.ask(known, one);
    const { frontiers } = z.object({ frontiers: z.array(withPoints) }).parse(answer);
    const points = frontiers.flatMap(({ points: all }) => all);
    expect(points.length).toBeGreaterThan(0);
    expect(points.length).toBeLessThanOrEqual(2);
    expect(concsOf(await pointsQuestion.ask(known, { workload }))).toEqual([1, 2]);
  });

  test('may be left out of a question about points, which then covers all', async () => {
    expect(concsOf(await pointsQuestion.ask(known, {}))).toEqual([1, 1, 1, 2, 2, 2]);
  });
});
