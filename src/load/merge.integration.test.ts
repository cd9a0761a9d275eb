import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { someLoadTest } from '../../test/support/some-load-test.ts';
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
    ...someLoadTest,
    baseUrl: mock.baseUrl,
    model: 'mock',
    tokenizerId: 'mock',
    dataset: { kind: 'random', inputLen: 20, outputLen: 10, rangeRatio: 1 },
    numPrompts: 40,
    maxConcurrency: 4,
    seed,
    stallTimeoutS: 5,
    mergeable: true,
  };
  return runLoadTest(test, { signal });
};

/** The fidelity fields of version 0.1. */
const saidBy01 = [
  'verdict',
  'reasons',
  'asked_concurrency',
  'achieved_concurrency',
  'peak_concurrency',
  'loop_lag_ms',
  'late_sends',
  'send_delay_p99_ms',
  'client_cpu_share',
  'client_threads',
  'clock_resolution_ms',
  'reconnects',
  'prompt_token_mismatches',
  'output_length_mismatches',
  'replies_without_usage',
  'replies_counted_by_tokenizer',
  'usage_conflicts',
];

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
    for (const field of ['median_ttft_ms', 'mean_e2el_ms', 'mean_tpot_ms', 'median_itl_ms'] as const) {
      expect(between(Reflect.get(merged, field), first?.[field] ?? 0, second?.[field] ?? 0), field).toBe(
        true,
      );
    }
    const begun = Math.min(...results.map(({ started_at }) => started_at));
    const ended = Math.max(...results.map(({ started_at, duration }) => started_at + duration));
    expect(Number(Reflect.get(merged, 'output_throughput')) * (ended - begun)).toBeCloseTo(800, 0);
    expect(merged).not.toHaveProperty('confidence_95');
  });

  it('merges a shard of version 0.1 with a newer one, and notes what is then unknown', async () => {
    const results = await Promise.all([shard(1), shard(2)]);
    const [newer, older] = results.map((result) => JSON.parse(JSON.stringify(result)));
    for (const name of Object.keys(older.fidelity)) if (!saidBy01.includes(name)) delete older.fidelity[name];
    for (const name of ['shard', 'goodput', 'first_text', 'first_answer', 'prefix_cache', 'notes'])
      delete older[name];
    const told: string[] = [];
    const merged = mergeResults(
      [
        { file: 'newer.json', json: newer },
        { file: 'older.json', json: older },
      ],
      (note) => told.push(note),
    );
    expect(merged).toMatchObject({ completed: 80, fidelity: { usage_conflicts: 0, reconnects: 0 } });
    const unknown = Object.entries(merged.fidelity).flatMap(([name, value]) =>
      value === null ? [name] : [],
    );
    expect(unknown).toEqual(
      expect.arrayContaining(['replies_begun_again', 'unknown_first_tokens', 'replies_of_several_choices']),
    );
    const note = told.find((one) => one.startsWith('older.json is from an older version'));
    for (const name of unknown.filter((one) => newer.fidelity[one] !== null)) expect(note).toContain(name);
    expect(merged.notes).toContain(note);
    expect(told.join()).not.toContain('newer.json is from');
  });

  it('reports that shards did not run together', async () => {
    const result = await shard(1);
    const later = { ...result, started_at: result.started_at + 100 };
    const merged = mergeResults([
      { file: 'a', json: result },
      { file: 'b', json: later },
    ]);
    expect(merged.fidelity.verdict).not.toBe('checked');
    expect(merged.fidelity.reasons).toContainEqual(expect.stringMatching(/100\.0 s apart/));
  });

  it('rejects a file that is not a shard, by name', () => {
    expect(() => mergeResults([{ file: 'x.json', json: {} }])).toThrow(/x\.json: not the result of a shard/);
  });
});

describe('calibrate', () => {
  it("measures this machine's error", async () => {
    for await (const row of calibrate([1, 8], signal)) {
      expect(row.peakInFlight).toBe(row.concurrency);
      expect(row.shareOfIdealRate).toBeGreaterThan(0);
      expect(row.shareOfIdealRate).toBeLessThanOrEqual(1.001);
      // A client cannot receive a token before it is sent.
      expect(row.ttftErrorP50Ms).toBeGreaterThan(-0.5);
      expect(row.ttftErrorP50Ms).toBeLessThan(20 + 2 * row.loopLagP99Ms);
    }
  });
});
