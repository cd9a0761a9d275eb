import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { someLoadTest } from '../../test/support/some-load-test.ts';
import { byteLevelTokenizer } from './datasets/testdata/byte-level-tokenizer.ts';
import { type LoadTest, type RawResult, runLoadTest } from './index.ts';
import { type MockProcess, startMockProcess } from './mock/process.ts';

const signal = new AbortController().signal;
let mock: MockProcess;

beforeAll(async () => {
  mock = await startMockProcess({ ttftMs: 40, itlMs: 5, tokensPerEvent: 1, eventsPerWrite: 1 });
});
afterAll(async () => mock[Symbol.asyncDispose]());

const test = (changes: Partial<LoadTest> = {}): LoadTest => ({
  ...someLoadTest,
  baseUrl: mock.baseUrl,
  model: 'mock',
  tokenizerId: 'mock',
  dataset: { kind: 'random', inputLen: 50, outputLen: 20, rangeRatio: 0.8 },
  numPrompts: 40,
  maxConcurrency: 8,
  warmupRequests: 4,
  stallTimeoutS: 5,
  ...changes,
});

/** Each reply has a gap for every token. Replies that a busy machine read all at once have none, and are counted. */
function expectGaps({ itls = [], output_lens, fidelity }: RawResult): void {
  const without = itls.filter((gaps, index) => gaps.length + 1 !== output_lens?.[index]);
  expect(without.flat()).toEqual([]);
  expect(without.length).toBeLessThanOrEqual(fidelity.replies_at_once);
}

/** Medians may differ from the engine's own by the client's reported lag plus a margin. */
function expectTrue(result: RawResult, truth: Awaited<ReturnType<MockProcess['truth']>>): void {
  const lateMs = 20 + result.fidelity.loop_lag_ms.max;
  const ttftErrorMs = Number(result.median_ttft_ms) - truth.ttftMs.p50;
  // A client cannot receive a token before it is sent.
  expect(ttftErrorMs).toBeGreaterThan(-0.5);
  expect(ttftErrorMs).toBeLessThan(lateMs);
  // A reply has 16 tokens or more.
  expect(Math.abs(Number(result.median_tpot_ms) - truth.tpotMs.p50)).toBeLessThan((2 * lateMs) / 15);
}

describe('runLoadTest', () => {
  it('measures what the engine did, by the engine’s own clock', async () => {
    await mock.reset();
    const result = await runLoadTest(test({ warmupRequests: 0 }), { signal });
    const truth = await mock.truth();
    expect(result).toMatchObject({ num_prompts: 40, completed: 40, failed: 0, troubles: [] });
    expect(truth).toMatchObject({ requests: 40, events: result.total_output_tokens, peakInFlight: 8 });
    expectTrue(result, truth);
    expect(result.median_e2el_ms).toBeGreaterThan(Number(result.median_ttft_ms));
    expect(result.output_throughput).toBeCloseTo(Number(result.total_output_tokens) / result.duration, 6);
    // Every token of this engine shows text, and it does not reason.
    expect(result.first_text).toMatchObject({ replies: 40, differ: 0, mean_ms: result.mean_ttft_ms });
    expect(result.first_answer).toMatchObject({ replies: 0, median_ms: null, p99_ms: null });
    expect(result.prefix_cache).toEqual({
      replies: 0,
      cached_tokens: null,
      prompt_tokens: null,
      share: null,
    });
    expect(result.fidelity).toMatchObject({
      asked_concurrency: 8,
      peak_concurrency: 8,
      prompt_token_mismatches: 0,
    });
    const { achieved_concurrency: achieved } = result.fidelity;
    expect(achieved).toBeLessThanOrEqual(8);
    expect(achieved).toBeGreaterThan(4);
  });

  it('keeps warm-up requests out of every figure', async () => {
    await mock.reset();
    const result = await runLoadTest(test({ numPrompts: 8 }), { signal });
    expect(result).toMatchObject({ completed: 8, warmup_requests: 4 });
    expect((await mock.truth()).requests).toBe(12);
  });

  it.each(['openai', 'openai-chat'] as const)(
    'sends texts of exact length to %s, counted with a tokenizer file',
    async (backend) => {
      const folder = await mkdtemp(join(tmpdir(), 'tokenizer-'));
      const tokenizerFile = join(folder, 'tokenizer.json');
      await writeFile(
        tokenizerFile,
        JSON.stringify(byteLevelTokenizer(['the', 'model', 'time'], { beginOfText: false })),
      );
      const result = await runLoadTest(test({ backend, tokenizerFile, numPrompts: 8 }), { signal });
      await rm(folder, { recursive: true });
      expect(result).toMatchObject({ completed: 8, fidelity: { prompt_token_mismatches: 0 } });
    },
  );

  it.each(['openai', 'openai-chat'] as const)('sends prompts of exact length to %s', async (backend) => {
    const result = await runLoadTest(test({ backend, numPrompts: 8 }), { signal });
    expect(result.fidelity.prompt_token_mismatches).toBe(0);
    expect(result.total_input_tokens).toBeGreaterThanOrEqual(8 * 40);
  });

  it('measures the same with streams shared by several threads', async () => {
    await mock.reset();
    const threads = { threads: 3, numPrompts: 60, warmupRequests: 5, detailed: true };
    const result = await runLoadTest(test(threads), { signal });
    const truth = await mock.truth();
    expect(result).toMatchObject({ completed: 60, failed: 0, troubles: [], fidelity: { client_threads: 3 } });
    expect(result.fidelity.peak_concurrency).toBe(8);
    expect(truth).toMatchObject({ requests: 65, peakInFlight: 8, connections: 8 });
    expect(result.total_output_tokens).toBe(result.chunks);
    expectGaps(result);
    expectTrue(result, truth);
    const alone = await runLoadTest(test({ ...threads, threads: 1 }), { signal });
    expect([result.input_lens, result.output_lens]).toEqual([alone.input_lens, alone.output_lens]);
  });

  it('keeps the schedule of an open loop across threads', async () => {
    // The test takes one second, so that delays on a busy machine are a small part of it.
    const rate = { requestRate: 40, burstiness: Number.POSITIVE_INFINITY, warmupRequests: 0 };
    const result = await runLoadTest(
      test({ ...rate, threads: 2, maxConcurrency: Number.POSITIVE_INFINITY }),
      { signal },
    );
    expect(result).toMatchObject({ completed: 40, failed: 0, max_concurrency: null });
    const { asked_rate = 0, achieved_rate = 0 } = result.fidelity;
    expect(asked_rate).toBeCloseTo(40, 0);
    expect(achieved_rate).toBeGreaterThan(20);
    expect(achieved_rate).toBeLessThan(42);
  });

  it('returns the result of all threads when interrupted', async () => {
    const interrupt = new AbortController();
    const result = await runLoadTest(test({ numPrompts: 10_000, warmupRequests: 0, threads: 2 }), {
      signal: interrupt.signal,
      onProgress: ({ completed }) => {
        if (completed > 0) interrupt.abort();
      },
    });
    expect(result.partial).toBe(true);
    expect(result.completed).toBeGreaterThan(0);
    expect(result.completed).toBeLessThan(10_000);
  });

  it('reports the failure of its threads', async () => {
    const nowhere = runLoadTest(test({ threads: 2, baseUrl: 'http://127.0.0.1:1' }), { signal });
    await expect(nowhere).rejects.toMatchObject({ name: 'LoadError', errorClass: 'cannot-connect' });
  });

  it('sends the same prompts for the same seed', async () => {
    const lens = async (seed: number): Promise<unknown> => {
      const result = await runLoadTest(test({ seed, numPrompts: 8, detailed: true }), { signal });
      return [result.input_lens, result.output_lens];
    };
    const first = await lens(1);
    expect(await lens(1)).toEqual(first);
    expect(await lens(2)).not.toEqual(first);
  });

  it('returns the result so far when interrupted', async () => {
    const interrupt = new AbortController();
    const result = await runLoadTest(test({ numPrompts: 10_000, warmupRequests: 0 }), {
      signal: interrupt.signal,
      onProgress: ({ completed }) => {
        if (completed > 0) interrupt.abort();
      },
    });
    expect(result.partial).toBe(true);
    expect(result.completed).toBeGreaterThan(0);
    expect(result.completed).toBeLessThan(10_000);
    expect(result.fidelity.verdict).not.toBe('checked');
  });

  it('lists every request if details are requested', async () => {
    const result = await runLoadTest(test({ detailed: true, numPrompts: 5 }), { signal });
    const { input_lens, output_lens, ttfts, itls, errors } = result;
    for (const list of [input_lens, output_lens, ttfts, itls, errors]) expect(list).toHaveLength(5);
    expectGaps(result);
    expect(ttfts?.every((ttft) => Number(ttft) > 0.03 && Number(ttft) <= result.duration)).toBe(true);
    const { start_times, first_token_times, last_token_times, end_times, generated_texts } = result;
    for (const [index, startS] of start_times?.entries() ?? []) {
      const times = [startS, first_token_times?.[index], last_token_times?.[index], end_times?.[index]];
      expect(times).toEqual(times.toSorted((a, b) => Number(a) - Number(b)));
      expect(Number(startS)).toBeGreaterThanOrEqual(result.benchmark_start_time_unix ?? Number.NaN);
      expect(Number(end_times?.[index])).toBeLessThanOrEqual(
        (result.benchmark_end_time_unix ?? Number.NaN) + 1e-6,
      );
      expect(Number(first_token_times?.[index]) - Number(startS)).toBeCloseTo(Number(ttfts?.[index]), 6);
    }
    expect(start_times).toHaveLength(5);
    expect(generated_texts?.map((text) => text?.match(/\S+/g)?.length)).toEqual(output_lens);
  });
});

describe('runLoadTest with several tokens in a chunk', () => {
  it('distinguishes token gaps from chunk gaps', async () => {
    await using speculative = await startMockProcess({
      ttftMs: 10,
      itlMs: 20,
      tokensPerEvent: 4,
      eventsPerWrite: 1,
    });
    const dataset = { kind: 'random', inputLen: 10, outputLen: 40, rangeRatio: 1 } as const;
    const result = await runLoadTest(test({ baseUrl: speculative.baseUrl, dataset, numPrompts: 8 }), {
      signal,
    });
    expect(result.total_output_tokens).toBe(8 * 40);
    expect(result.chunks).toBe(8 * 10);
    expect(result.chunk_gap.mean_ms).toBeGreaterThan(15);
    expect(Number(result.mean_itl_ms) / Number(result.chunk_gap.mean_ms)).toBeCloseTo(1 / 4, 1);
  });
});
