import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { ServedStore } from '../../test/support/served-store.ts';
import { somePoint } from '../../test/support/synthetic-results.ts';
import { type SyntheticSweep, someSweep } from '../../test/support/synthetic-sweep.ts';
import { documentKinds, pathOf } from './documents/index.ts';
import { questions } from './questions/index.ts';

const reasons = ['the prompt length of 10 replies is unknown'];
const at = Date.UTC(2026, 1, 1);

/** A model with one point whose input tokens are unknown, and another with only one-token replies. */
const run: SyntheticSweep = {
  ...someSweep,
  sweepId: 'run-20260201-000000-eeee',
  at,
  points: [1, 2, 4].map((conc) => ({ ...somePoint, modelPrefix: 'partly', conc, at })),
  change: (raw, index) => {
    if (index === 0) {
      return {
        ...raw,
        total_input_tokens: null,
        total_token_throughput: null,
        fidelity: { verdict: 'suspect', reasons },
        timeline: { interval_s: 1, output_throughput: [1, null, 3], median_tpot_ms: [null, null, 5] },
      };
    }
    if (index > 1) return raw;
    const noTpot = Object.keys(raw).filter((name) => /_(tpot|itl)_ms$/.test(name));
    return { ...raw, ...Object.fromEntries(noTpot.map((name) => [name, null])) };
  },
};

let served: ServedStore;
beforeAll(async () => {
  served = await ServedStore.create();
  await served.ingestMeasured(run);
});
afterAll(() => served.remove());

async function json<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema>> {
  const response = await served.app().request(path, { headers: { host: '127.0.0.1:8080' } });
  expect(response.status, path).toBe(200);
  return schema.parse(await response.json());
}

const published = z.object({
  metrics: z.record(z.string(), z.number()),
  unknown: z.array(z.string()),
  intervals: z.record(z.string(), z.unknown()),
});
const pointSchema = z.object({
  reasons: z.array(z.string()),
  published,
  requests: z.object({ inputTokens: z.number().nullable(), outputTokens: z.number().nullable() }),
  timeline: z
    .object({ tracks: z.array(z.object({ name: z.string(), values: z.array(z.number().nullable()) })) })
    .nullable(),
});

test('a point lists unknown figures with the reasons, and has no number for them', async () => {
  const [withoutInput, oneToken, complete] = await served.store.latestPoints({ modelPrefix: 'partly' });
  const first = await json(`/data/points/${withoutInput?.id}.json`, pointSchema);
  expect(first.published.unknown).toEqual(['totalTputPerGpu', 'inputTputPerGpu']);
  expect(Object.keys(first.published.metrics)).not.toContain('totalTputPerGpu');
  expect(first.published.metrics.outputTputPerGpu).toBeGreaterThan(0);
  expect(first.requests).toEqual({ inputTokens: null, outputTokens: expect.any(Number) });
  expect(first.reasons).toEqual(reasons);
  expect(first.timeline?.tracks).toEqual([
    { name: 'output_throughput', values: [1, null, 3] },
    { name: 'median_tpot_ms', values: [null, null, 5] },
  ]);
  const second = await json(`/data/points/${oneToken?.id}.json`, pointSchema);
  expect(second.published.unknown).toEqual(
    expect.arrayContaining(['medianTpotMs', 'p99TpotMs', 'medianInteractivity', 'medianItlMs']),
  );
  expect(second.published.metrics).not.toHaveProperty('medianTpotMs');
  const third = await json(`/api/v1/points/${complete?.id}`, pointSchema);
  expect(third.published.unknown).toEqual([]);
});

test('unknown figures in lists and columns are null, never 0', async () => {
  const { points } = await json(
    '/api/v1/points?model=partly',
    z.object({ points: z.array(published.extend({ conc: z.number() })) }),
  );
  expect(points.find(({ conc }) => conc === 1)?.unknown).toEqual(['totalTputPerGpu', 'inputTputPerGpu']);
  const columns = z.object({
    points: z.object({
      conc: z.array(z.number()),
      metrics: z.record(z.string(), z.array(z.number().nullable())),
    }),
  });
  const shape = await json('/data/shapes/partly_1024_1024.json', columns);
  const of = (metric: string) =>
    new Map(shape.points.conc.map((conc, index) => [conc, shape.points.metrics[metric]?.[index]]));
  expect(of('totalTputPerGpu').get(1)).toBeNull();
  expect(of('totalTputPerGpu').get(2)).toBeGreaterThan(0);
  expect(of('medianInteractivity').get(2)).toBeNull();
  expect(of('medianTpotMs').get(2)).toBeNull();
});

test('frontiers and costs leave out such points and count them', async () => {
  const counted = z.object({ withoutFigures: z.number() });
  const query = 'model=partly&isl=1024&osl=1024';
  const frontier = await json(
    `/api/v1/frontier?${query}`,
    counted.extend({
      frontiers: z.array(z.object({ points: z.array(z.object({ conc: z.number() })) })),
    }),
  );
  expect(frontier).toMatchObject({ withoutFigures: 2, frontiers: [{ points: [{ conc: 4 }] }] });
  const ranking = z.object({ rows: z.array(z.object({ usdPerMillionTokens: z.number().nullable() })) });
  const cost = async (tokens: string) =>
    await json(
      `/api/v1/best?${query}&interactivity=10&ttft_ms=none&tokens=${tokens}`,
      counted.extend(ranking.shape),
    );
  expect(await cost('total')).toMatchObject({ withoutFigures: 2, rows: [{}] });
  // The point with unknown input tokens has known output tokens.
  expect(await cost('output')).toMatchObject({ withoutFigures: 1, rows: [{}] });
});

test('every document and answer still conforms to its schema', async () => {
  for (const kind of documentKinds) {
    for (const parts of await kind.all(served.knowledge))
      await json(`/data/${pathOf(kind, parts)}.json`, kind.schema);
  }
  const frontier = questions.find(({ name }) => name === 'latest_frontier');
  if (frontier === undefined) throw new Error('there is no question of the frontier');
  await json('/api/v1/frontier?model=partly&isl=1024&osl=1024', frontier.answer);
});
