import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { someLoadTest } from '../../test/support/some-load-test.ts';
import { factsOf } from './fidelity/facts.ts';
import { noLoopLag } from './fidelity/loop-lag.ts';
import { judge } from './fidelity/verdict.ts';
import type { LoadTest } from './load-test.ts';
import { rawResult } from './raw-result.ts';
import { newCounters } from './recording.ts';
import { RequestLog, RequestState } from './request-log.ts';
import type { RawResult } from './result-schema.ts';

/** A test of 10 s, of which the figures are about the seconds from 2 to 8. */
const window = { fromMs: 2000, toMs: 8000 };
const asked: LoadTest = {
  ...someLoadTest,
  dataset: {
    kind: 'shared-prefix',
    prefixLen: 64,
    groups: 1,
    share: 1,
    inputLen: 36,
    outputLen: 8,
    rangeRatio: 1,
  },
  durationS: 10,
  warmupS: 2,
  cooldownS: 2,
};

interface Request {
  readonly sentMs: number;
  readonly ttftMs: number;
  readonly fails: boolean;
}
const requests = fc
  .array(
    fc.record({
      sentMs: fc.integer({ min: 0, max: 9999 }),
      ttftMs: fc.integer({ min: 1, max: 3000 }),
      fails: fc.boolean(),
    }),
    { minLength: 8, maxLength: 80 },
  )
  .map((list) => list.toSorted((one, other) => one.sentMs - other.sentMs))
  .filter((list) => list.some((one) => isDue(one) && !one.fails));

const decodeMs = 70;
const endMsOf = ({ sentMs, ttftMs }: Request) => sentMs + ttftMs + decodeMs;
const isDue = ({ sentMs }: Request) => sentMs >= window.fromMs && sentMs <= window.toMs;
const isServed = (one: Request) => !one.fails && endMsOf(one) >= window.fromMs && endMsOf(one) <= window.toMs;

/** The result of requests that were sent at these times. */
function resultOf(list: readonly Request[], changes: Partial<LoadTest>): RawResult {
  const log = RequestLog.ofLength(list.length);
  log.window = window;
  for (const [index, one] of list.entries()) {
    log.startMs[index] = one.sentMs;
    log.endMs[index] = endMsOf(one);
    log.inputTokens[index] = 100;
    log.state[index] = RequestState.failed;
    if (one.fails) continue;
    log.state[index] = log.isOutside(index) ? RequestState.outside : RequestState.completed;
    log.firstTokenMs[index] = one.sentMs + one.ttftMs;
    log.lastTokenMs[index] = endMsOf(one);
    log.decodeMs[index] = decodeMs;
    log.decodeSteps[index] = 7;
    log.outputTokens[index] = 8;
    log.cachedTokens[index] = 64;
  }
  const whole = { ...asked, ...changes, numPrompts: list.length };
  const facts = {
    loopLag: noLoopLag,
    counters: newCounters(),
    cpuShare: 0.1,
    threads: 1,
    resolutionMs: 0.001,
  };
  return rawResult(whole, log, {
    date: new Date(1_700_000_000_000),
    startMs: 0,
    durationMs: 10_000,
    partial: false,
    fidelity: judge(factsOf(whole, log, facts, undefined, false)),
    notes: [],
    window,
  });
}

describe('a test with a window', () => {
  test('counts per second what the server finished in it, and in goodput those within the limits', () => {
    fc.assert(
      fc.property(requests, fc.integer({ min: 1, max: 3000 }), (list, limitMs) => {
        const result = resultOf(list, { goodput: { ttft: limitMs } });
        const served = list.filter(isServed);
        const good = served.filter(({ ttftMs }) => ttftMs <= limitMs);
        expect(result.duration).toBe(6);
        expect(result.request_throughput).toBeCloseTo(served.length / 6, 9);
        expect(result.request_goodput).toBeCloseTo(good.length / 6, 9);
        expect(result.request_goodput).toBeLessThanOrEqual(result.request_throughput);
      }),
    );
  });

  test('has the goodput of its throughput if every reply is within the limits, however late they are', () => {
    fc.assert(
      fc.property(requests, (list) => {
        const result = resultOf(list, { goodput: { ttft: 3000 } });
        expect(result.request_goodput).toBe(result.request_throughput);
      }),
    );
  });

  test('counts and shares are about the requests that were due in it', () => {
    fc.assert(
      fc.property(requests, fc.integer({ min: 1, max: 3000 }), (list, limitMs) => {
        const result = resultOf(list, { slos: [{ metric: 'ttft', percentile: 90, limitMs }] });
        const due = list.filter(isDue);
        const done = due.filter(({ fails }) => !fails);
        const met = done.filter(({ ttftMs }) => ttftMs <= limitMs).length;
        expect(result).toMatchObject({
          completed: done.length,
          total_input_tokens: 100 * done.length,
          goodput: { met },
          slo: { requests: due.length, limits: [{ met }] },
          prefix_cache: { prompt_tokens: 100 * done.length },
        });
        expect(result.slo?.attainment).toBeCloseTo(met / due.length, 9);
      }),
    );
  });

  test('the ideal cache has the prompts from before it, and only those due in it are counted', () => {
    fc.assert(
      fc.property(requests, (list) => {
        const { ideal_prefix_cache: ideal } = resultOf(list, {});
        const due = list.filter(isDue).length;
        const isFilled = list[0] !== undefined && !isDue(list[0]);
        expect(ideal).toMatchObject({
          prompt_tokens: 100 * due,
          cached_tokens: 64 * (isFilled ? due : due - 1),
        });
      }),
    );
  });

  test('the times of its steady state count from the start of the test', () => {
    const list = Array.from({ length: 400 }, (_, index) => ({
      sentMs: 25 * index,
      ttftMs: 50 + (index % 7),
      fails: false,
    }));
    const { steady_state: steady } = resultOf(list, {});
    expect(steady?.from_s).toBeGreaterThanOrEqual(2);
    expect(steady?.to_s).toBeLessThanOrEqual(8);
    expect(steady?.to_s).toBeGreaterThan(7.5);
  });
});
