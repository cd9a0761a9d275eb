import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calibrate } from './calibrate.ts';
import { type LoadTest, type RawResult, runLoadTest } from './index.ts';
import { mergeResults } from './merge.ts';
import { type MockProcess, startMockProcess } from './mock/process.ts';

const signal = new AbortController().signal;
let mock: MockProcess;

beforeAll(async () => {
  mock = await startMockProcess({ ttftMs: 30, itlMs: 5, tokensPerEvent: 1, eventsPerWrite: 1 });
});
afterAll(async () => mock[Symbol.asyncDispose]());

const shard = (seed: number): Promise<RawResult> => {
  const test: LoadTest = {
    baseUrl: mock.baseUrl,
    backend: 'openai',
    model: 'mock',
    tokenizerId: 'mock',
    dataset: { kind: 'random', inputLen: 20, outputLen: 10, rangeRatio: 1 },
    numPrompts: 40,
    maxConcurrency: 4,
    requestRate: Number.POSITIVE_INFINITY,
    burstiness: 1,
    seed,
    ignoreEos: true,
    useChatTemplate: false,
    warmupRequests: 0,
    stallTimeoutS: 5,
    connectTimeoutS: 2,
    mergeable: true,
  };
  return runLoadTest(test, { signal });
};

describe('mergeResults', () => {
  it('adds up shards that ran together', async () => {
    const results = await Promise.all([shard(1), shard(2)]);
    const files = results.map((json, index) => ({
      file: `${index}.json`,
      json: JSON.parse(JSON.stringify(json)),
    }));
    const merged = mergeResults(files);
    const [first, second] = results;
    expect(merged).toMatchObject({
      completed: 80,
      num_prompts: 80,
      max_concurrency: 8,
      total_output_tokens: 800,
    });
    const between = (value: unknown, a: number, b: number): boolean =>
      Number(value) >= Math.min(a, b) * 0.999 && Number(value) <= Math.max(a, b) * 1.001;
    for (const field of ['median_ttft_ms', 'p99_e2el_ms', 'mean_tpot_ms', 'median_itl_ms'] as const) {
      expect(between(Reflect.get(merged, field), first?.[field] ?? 0, second?.[field] ?? 0), field).toBe(
        true,
      );
    }
    const begun = Math.min(...results.map(({ started_at }) => started_at));
    const ended = Math.max(...results.map(({ started_at, duration }) => started_at + duration));
    expect(Number(Reflect.get(merged, 'output_throughput')) * (ended - begun)).toBeCloseTo(800, 0);
    expect(merged).not.toHaveProperty('confidence_95');
  });

  it('says that shards did not run together', async () => {
    const result = await shard(1);
    const later = { ...result, started_at: result.started_at + 100 };
    const merged = mergeResults([
      { file: 'a', json: result },
      { file: 'b', json: later },
    ]);
    expect(merged.fidelity.verdict).not.toBe('valid');
    expect(merged.fidelity.reasons).toContainEqual(expect.stringMatching(/100\.0 s apart/));
  });

  it('refuses what is no shard, by its name', () => {
    expect(() => mergeResults([{ file: 'x.json', json: {} }])).toThrow(/x\.json: not the result of a shard/);
  });
});

describe('calibrate', () => {
  it('finds how far a measurement is from the truth', async () => {
    for await (const row of calibrate([1, 8], signal)) {
      expect(row.peakInFlight).toBe(row.concurrency);
      expect(row.shareOfIdealRate).toBeGreaterThan(0);
      expect(row.shareOfIdealRate).toBeLessThanOrEqual(1.001);
      // A client cannot see a token before it was sent.
      expect(row.ttftErrorP50Ms).toBeGreaterThan(-0.5);
      expect(row.ttftErrorP50Ms).toBeLessThan(20 + 2 * row.loopLagP99Ms);
    }
  });
});
