import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { someLoadTest } from '../../../test/support/some-load-test.ts';
import { defined } from '../../defined/defined.ts';
import { type LoadContext, type LoadTest, runLoadTest } from '../index.ts';
import { type MockProcess, startMockProcess } from '../mock/process.ts';
import type { RawResult } from '../result-schema.ts';

let mock: MockProcess;
beforeAll(async () => {
  mock = await startMockProcess({ ttftMs: 20, itlMs: 5, tokensPerEvent: 1, eventsPerWrite: 1 });
});
afterAll(async () => mock[Symbol.asyncDispose]());

const run = (changes: Partial<LoadTest>, onRequests?: LoadContext['onRequests']): Promise<RawResult> =>
  runLoadTest(
    {
      ...someLoadTest,
      baseUrl: mock.baseUrl,
      dataset: { kind: 'random', inputLen: 20, outputLen: 12, rangeRatio: 1 },
      numPrompts: 20_000,
      maxConcurrency: 4,
      detailed: true,
      ...changes,
    },
    { signal: new AbortController().signal, ...defined({ onRequests }) },
  );

/** When requests were sent, in seconds from the start of the test. */
const sentS = ({ start_times = [], started_at }: RawResult): number[] =>
  start_times.flatMap((atS) => (atS === null ? [] : [atS - started_at]));

describe('a test by time', () => {
  it.each([1, 2])(
    'sends until its end, and waits for the requests in flight, in %i threads',
    async (threads) => {
      const result = await run({ durationS: 0.6, threads });
      expect(result.ended_by).toMatchObject({ reason: 'duration', at_s: 0.6, abandoned: 0 });
      expect(result.ended_by?.in_flight).toBeLessThanOrEqual(4);
      expect(result).toMatchObject({ failed: 0, completed: result.num_prompts });
      expect(result.partial).toBeUndefined();
      expect(result.window).toBeUndefined();
      const times = sentS(result);
      expect(times).toHaveLength(result.num_prompts);
      // A thread may have started to send when the time was over.
      expect(Math.max(...times)).toBeLessThanOrEqual(0.6 + (20 + result.fidelity.loop_lag_ms.max) / 1000);
    },
  );

  it('has figures only of requests sent in its window, and the throughput of that window', async () => {
    const states: string[] = [];
    const asked = { durationS: 0.9, warmupS: 0.3, cooldownS: 0.2, recorded: 'without-text' } as const;
    const result = await run(asked, async (requests) => {
      for (const { state, ttft_ms } of requests) states.push(ttft_ms === null ? 'no TTFT' : state);
    });
    const countOf = (wanted: string) => states.filter((state) => state === wanted).length;
    expect([countOf('completed'), countOf('outside')]).toEqual([result.completed, result.window?.outside]);
    expect(states).toHaveLength(result.num_prompts);
    const { window, completed, num_prompts: sent } = result;
    expect(window).toMatchObject({ from_s: 0.3, outside: sent - completed });
    expect(window?.to_s).toBeCloseTo(0.7, 6);
    expect(result.duration).toBeCloseTo(0.4, 6);
    // Power is measured between these.
    const [fromS = 0, toS = 0] = [result.benchmark_start_time_unix, result.benchmark_end_time_unix];
    expect([fromS - result.started_at, toS - result.started_at]).toEqual([
      expect.closeTo(0.3, 5),
      expect.closeTo(0.7, 5),
    ]);
    const inside = sentS(result).filter((atS) => atS >= 0.3 && atS <= 0.7);
    expect(completed).toBe(inside.length);
    expect(result.total_output_tokens).toBe(12 * completed);
    expect(result.chunks).toBe(12 * completed);
    // Replies that end in the window were partly sent before it; at most the streams make a difference at its edges.
    expect(Math.abs(result.request_throughput * 0.4 - completed)).toBeLessThanOrEqual(4);
    expect(Math.abs(Number(result.output_throughput) * 0.4 - 12 * completed)).toBeLessThanOrEqual(4 * 12);
  });

  it('ends while conversations pause, without their later turns', async () => {
    const turn = { inputTokens: 20, outputTokens: 4, pauseS: 60 };
    const conversations = Array.from({ length: 4 }, () => [turn, turn]);
    const result = await run({
      dataset: { kind: 'conversations', conversations },
      numPrompts: 8,
      durationS: 0.5,
    });
    expect(result).toMatchObject({ num_prompts: 4, completed: 4, ended_by: { reason: 'duration' } });
  });

  it('that runs out of requests says so', async () => {
    const result = await run({ numPrompts: 6, durationS: 60 });
    expect(result).toMatchObject({
      num_prompts: 6,
      completed: 6,
      ended_by: { reason: 'requests', abandoned: 0 },
    });
  });

  it('is refused if its warm-up and cool-down leave nothing', async () => {
    await expect(run({ durationS: 1, warmupS: 0.5, cooldownS: 0.5 })).rejects.toThrow(
      'warm-up and cool-down take 1 s, all of the duration of 1 s',
    );
    await expect(run({ warmupS: 0.5 })).rejects.toThrow('need a duration');
  });
});

describe('a rule', () => {
  it('ends a test as soon as the interval is narrow enough', async () => {
    const result = await run({ stopWhen: { precision: { metric: 'e2el', share: 0.5 } } });
    expect(result.ended_by).toMatchObject({ reason: 'precision' });
    expect(result.ended_by?.detail).toMatch(
      /^the 95 % interval of the mean e2el is ±\d+\.\d % after \d+ replies$/,
    );
    expect(result.completed).toBe(result.num_prompts);
    expect(result.num_prompts).toBeLessThan(20_000);
  });

  it('ends a test at a rate that the server cannot serve', async () => {
    const result = await run({
      maxConcurrency: 1,
      requestRate: 200,
      numPrompts: 3000,
      stopWhen: { saturated: true },
    });
    expect(result.ended_by).toMatchObject({ reason: 'saturation' });
    expect(result.num_prompts).toBeLessThan(3000);
  });
});

it('a ramp of concurrency starts its streams one after another', async () => {
  const result = await run({ concurrencyRampS: 0.8, numPrompts: 60 });
  const times = sentS(result).toSorted((a, b) => a - b);
  const overlapping = times.filter((atS) => atS < 0.19).length;
  // One stream alone sends one request after another: each takes at least the first token's time and eleven gaps.
  expect(overlapping).toBeLessThanOrEqual(1 + Math.ceil(0.19 / 0.075));
  expect(result.fidelity.peak_concurrency).toBe(4);
});
