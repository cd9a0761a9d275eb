import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../test/support/runs.ts';
import { someLoadTest } from '../../test/support/some-load-test.ts';
import { type ClientFacts, factsOf } from './fidelity/facts.ts';
import { noLoopLag } from './fidelity/loop-lag.ts';
import { judge } from './fidelity/verdict.ts';
import { lastReplyMs } from './latencies.ts';
import type { LoadTest } from './load-test.ts';
import { mergeResults } from './merge.ts';
import { formatResult } from './print-result.ts';
import { progressOf } from './progress.ts';
import { rawResult } from './raw-result.ts';
import { newCounters } from './recording.ts';
import { RequestLog, RequestState, requestColumns } from './request-log.ts';
import { type RawResult, rawResultFields, rawResultSchema } from './result-schema.ts';

const test: LoadTest = {
  ...someLoadTest,
  baseUrl: 'http://127.0.0.1:1',
  model: 'mock',
  tokenizerId: 'mock',
  dataset: { kind: 'random', inputLen: 20, outputLen: 10, rangeRatio: 1 },
  maxConcurrency: 4,
  seed: 0,
  stallTimeoutS: 5,
  mergeable: true,
  goodput: { ttft: 50, tpot: 20, e2el: 10_000 },
};

const client: ClientFacts = {
  loopLag: noLoopLag,
  counters: newCounters(),
  cpuShare: 0.1,
  threads: 1,
  resolutionMs: 0.001,
};

/** One request of a log; undefined means unknown. */
interface Request {
  readonly state: RequestState;
  readonly startMs: number;
  readonly firstMs: number | undefined;
  readonly decodeMs: number;
  readonly afterMs: number;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly textLateMs: number | undefined;
  readonly answerLateMs: number | undefined;
  readonly cachedTokens: number | undefined;
}

const perhaps = <Value>(arbitrary: fc.Arbitrary<Value>, unknown: boolean): fc.Arbitrary<Value | undefined> =>
  unknown ? fc.option(arbitrary, { nil: undefined }) : arbitrary;
const someMs = fc.double({ min: 1, max: 1000, noNaN: true });
const request = (unknown: boolean): fc.Arbitrary<Request> =>
  fc.record({
    state: fc.constantFrom(RequestState.completed, RequestState.completed, RequestState.failed),
    startMs: fc.double({ min: 1, max: 5000, noNaN: true }),
    firstMs: perhaps(someMs, unknown),
    decodeMs: someMs,
    afterMs: fc.double({ min: 0, max: 10, noNaN: true }),
    inputTokens: perhaps(fc.integer({ min: 1, max: 4096 }), unknown),
    outputTokens: perhaps(fc.integer({ min: 1, max: 64 }), unknown),
    textLateMs: perhaps(fc.double({ min: 0, max: 50, noNaN: true }), unknown),
    answerLateMs: perhaps(fc.double({ min: 0, max: 50, noNaN: true }), unknown),
    cachedTokens: perhaps(fc.integer({ min: 0, max: 1 }), unknown),
  });
const requests = (unknown: boolean): fc.Arbitrary<Request[]> =>
  fc
    .array(request(unknown), { minLength: 1, maxLength: 60 })
    .filter((list) => list.some(({ state }) => state === RequestState.completed));

function logOf(list: readonly Request[], { detailed = false } = {}): RequestLog {
  const log = new RequestLog(
    requestColumns(list.length, { shared: false }),
    detailed ? 'everything' : 'nothing',
  );
  for (const [index, one] of list.entries()) {
    const { startMs, firstMs = Number.NaN, outputTokens = Number.NaN } = one;
    const lastMs = startMs + 1001 + one.decodeMs;
    log.state[index] = one.state;
    log.startMs[index] = startMs;
    log.endMs[index] = lastMs + one.afterMs;
    log.inputTokens[index] = one.inputTokens ?? Number.NaN;
    if (one.state !== RequestState.completed) continue;
    log.firstTokenMs[index] = startMs + firstMs;
    log.lastTokenMs[index] = lastMs;
    log.firstTextMs[index] = startMs + firstMs + (one.textLateMs ?? Number.NaN);
    log.firstAnswerMs[index] = startMs + firstMs + (one.answerLateMs ?? Number.NaN);
    log.decodeMs[index] = lastMs - (startMs + firstMs);
    log.decodeSteps[index] = outputTokens - 1;
    log.outputTokens[index] = outputTokens;
    log.cachedTokens[index] = one.cachedTokens ?? Number.NaN;
    log.chunks[index] = 1;
    if (outputTokens > 1 && one.firstMs !== undefined) {
      const gapsMs = new Float32Array(outputTokens - 1).fill(
        (lastMs - startMs - firstMs) / (outputTokens - 1),
      );
      log.recordGaps(index, gapsMs, gapsMs);
    }
  }
  return log;
}

function resultOf(log: RequestLog, changes: Partial<LoadTest> = {}): RawResult {
  const whole = { ...test, ...changes, numPrompts: log.length };
  const durationMs = lastReplyMs(log);
  const counters = {
    ...newCounters(),
    completed: log.count(RequestState.completed),
    failed: log.count(RequestState.failed),
  };
  const fidelity = judge(factsOf(whole, log, { ...client, counters }, undefined, false));
  const date = new Date(1_700_000_000_000);
  return rawResult(whole, log, { date, startMs: 0, durationMs, partial: false, fidelity, notes: [] });
}

const completedOf = (list: readonly Request[]): Request[] =>
  list.filter(({ state }) => state === RequestState.completed);
const total = (values: readonly (number | undefined)[]): number | null =>
  values.reduce<number | null>((sum, value) => (sum === null || value === undefined ? null : sum + value), 0);
const figuresOf = (result: object, metric: string): unknown[] =>
  Object.entries(result).flatMap(([name, value]) =>
    new RegExp(`^(mean|median|std|p[\\d.]+)_${metric}_ms$`).test(name) ? [value] : [],
  );
const asWritten = (result: unknown): string => JSON.stringify(result);

describe('rawResult', () => {
  it('has a total, and what is derived from it, only if every part is known', () => {
    fc.assert(
      fc.property(requests(true), (list) => {
        const result = resultOf(logOf(list));
        const done = completedOf(list);
        const inputs = total(done.map(({ inputTokens }) => inputTokens));
        const outputs = total(done.map(({ outputTokens }) => outputTokens));
        const over = (count: number | null): unknown =>
          count === null ? null : expect.closeTo(count / result.duration, 6);
        expect(result).toMatchObject({
          total_input_tokens: inputs,
          total_output_tokens: outputs,
          output_throughput: over(outputs),
          total_token_throughput: over(inputs === null || outputs === null ? null : inputs + outputs),
        });
        const unknown = (field: 'inputTokens' | 'outputTokens' | 'firstMs'): number =>
          done.filter((one) => one[field] === undefined).length;
        expect(result.fidelity).toMatchObject({
          unknown_input_lengths: unknown('inputTokens'),
          unknown_output_lengths: unknown('outputTokens'),
          unknown_first_tokens: unknown('firstMs'),
        });
        const reasons = result.fidelity.reasons.join('\n');
        expect(/prompt length of \d+ replies/.test(reasons)).toBe(inputs === null);
        expect(/number of tokens of \d+ replies/.test(reasons)).toBe(outputs === null);
      }),
    );
  });

  it('computes a metric over the replies that have it; null if none has', () => {
    fc.assert(
      fc.property(requests(true), (list) => {
        const result = resultOf(logOf(list));
        const done = completedOf(list);
        const has = {
          ttft: ({ firstMs }: Request) => firstMs !== undefined,
          tpot: ({ firstMs, outputTokens = 0 }: Request) => firstMs !== undefined && outputTokens > 1,
          e2el: () => true,
        };
        for (const [metric, hasIt] of Object.entries(has)) {
          const values = figuresOf(result, metric);
          expect(values.length).toBe(6);
          for (const value of values)
            expect(typeof value === 'number', metric).toBe(done.some((one) => hasIt(one)));
        }
        const tpots = done.filter(has.tpot).map((one) => {
          const { firstMs = Number.NaN, outputTokens = Number.NaN, decodeMs } = one;
          return (1001 + decodeMs - firstMs) / (outputTokens - 1);
        });
        if (tpots.length > 0)
          expect(result.mean_tpot_ms).toBeCloseTo(tpots.reduce((a, b) => a + b) / tpots.length, 6);
        expect(result.interactivity.mean === null).toBe(tpots.length === 0);
        const texts = done.filter(
          ({ firstMs, textLateMs }) => firstMs !== undefined && textLateMs !== undefined,
        );
        expect(result.first_text.replies).toBe(texts.length);
        expect(result.first_text.median_ms === null).toBe(texts.length === 0);
      }),
    );
  });

  it('has a goodput rate only if it is known for every reply whether it met its objectives', () => {
    fc.assert(
      fc.property(requests(true), (list) => {
        const { request_goodput, goodput, duration } = resultOf(logOf(list));
        const judged = completedOf(list).map(({ firstMs, outputTokens, decodeMs }) => {
          if (firstMs !== undefined && firstMs > 50) return false;
          if (outputTokens === 1) return firstMs === undefined ? undefined : true;
          if (outputTokens === undefined || firstMs === undefined) return undefined;
          return (1001 + decodeMs - firstMs) / (outputTokens - 1) <= 20;
        });
        const met = judged.filter((one) => one === true).length;
        const unknown = judged.filter((one) => one === undefined).length;
        expect(goodput).toMatchObject({ met, not_known: unknown });
        if (unknown > 0) expect(request_goodput).toBeNull();
        else expect(request_goodput).toBeCloseTo(met / duration, 9);
      }),
    );
  });

  it('has the attainment of each SLO over all requests, of which a failed one met none', () => {
    fc.assert(
      fc.property(requests(true), (list) => {
        const slos = [
          { metric: 'ttft', percentile: 90, limitMs: 500 },
          { metric: 'e2el', percentile: 50, limitMs: 1500 },
        ] as const;
        const { slo } = resultOf(logOf(list), { slos, goodput: { ttft: 500, e2el: 1500 } });
        const done = completedOf(list);
        const inTtft = done.filter(({ firstMs }) => firstMs !== undefined && firstMs <= 500);
        const inE2el = done.filter(({ decodeMs }) => 1001 + decodeMs <= 1500);
        const unknown = done.filter(({ firstMs }) => firstMs === undefined);
        expect(slo).toMatchObject({
          requests: list.length,
          limits: [
            { metric: 'ttft', percentile: 90, limit_ms: 500, met: inTtft.length, not_known: unknown.length },
            { metric: 'e2el', percentile: 50, limit_ms: 1500, met: inE2el.length, not_known: 0 },
          ],
        });
        // A reply that missed another limit is not unknown.
        if (unknown.some((one) => inE2el.includes(one))) expect(slo?.attainment).toBeNull();
        else
          expect(slo?.attainment).toBeCloseTo(
            inTtft.filter((one) => inE2el.includes(one)).length / list.length,
            9,
          );
      }),
    );
  });

  it('has the same attainment as goodput, without percentiles', () => {
    fc.assert(
      fc.property(requests(false), (list) => {
        const { slo, goodput, completed, failed } = resultOf(logOf(list));
        expect(slo?.attainment).toBeCloseTo((goodput?.met ?? Number.NaN) / (completed + failed), 9);
        expect(slo?.limits.map(({ metric, percentile }) => [metric, percentile])).toEqual([
          ['ttft', undefined],
          ['tpot', undefined],
          ['e2el', undefined],
        ]);
      }),
      { numRuns: 20 },
    );
  });

  it('adds up the attainment of shards', () => {
    fc.assert(
      fc.property(requests(false), requests(false), (a, b) => {
        const results = [resultOf(logOf(a)), resultOf(logOf(b))];
        const merged = mergeResults(
          results.map((one, index) => ({ file: `${index}.json`, json: JSON.parse(asWritten(one)) })),
        );
        const whole = resultOf(logOf([...a, ...b])).slo;
        expect(merged.slo?.attainment).toBeCloseTo(whole?.attainment ?? Number.NaN, 9);
        expect(merged.slo?.limits.map(({ met }) => met)).toEqual(whole?.limits.map(({ met }) => met));
        const other = { ...results[1], slo: { requests: 1, attainment: 1, limits: [] } };
        const mixed = [results[0], other].map((json, index) => ({ file: `${index}.json`, json }));
        expect(mergeResults(mixed).slo).toBeUndefined();
      }),
      { numRuns: 20 },
    );
  });

  it('has no token rate while tokens are unknown, in the timeline and in the steady state', () => {
    fc.assert(
      fc.property(requests(true), (list) => {
        const result = resultOf(logOf(list));
        const lost = completedOf(list).filter(
          ({ firstMs, outputTokens }) => firstMs === undefined || outputTokens === undefined,
        );
        const { interval_s, output_throughput } = result.timeline;
        for (const [index, value] of output_throughput.entries()) {
          const [from, to] = [1000 * index * interval_s, 1000 * (index + 1) * interval_s];
          const touched = lost.some(
            ({ startMs, firstMs = 0, decodeMs }) =>
              startMs + firstMs < to && startMs + 1001 + decodeMs >= from,
          );
          if (touched) expect(value).toBeNull();
          else expect(value).toEqual(expect.any(Number));
        }
        const { steady_state: steady } = result;
        if (steady === undefined) return;
        const originMs = Math.min(...completedOf(list).map(({ startMs }) => startMs));
        const [fromMs, toMs] = [originMs + 1000 * steady.from_s, originMs + 1000 * steady.to_s];
        const touched = lost.some(
          ({ startMs, firstMs = 0, decodeMs }) =>
            startMs + firstMs < toMs - 1e-6 && startMs + 1001 + decodeMs > fromMs + 1e-6,
        );
        if (touched) expect(steady.output_throughput).toBeNull();
        else if (lost.length === 0) expect(steady.output_throughput).toEqual(expect.any(Number));
      }),
    );
  });

  it('is complete and mentions no unknowns if everything is known', () => {
    fc.assert(
      fc.property(requests(false), (list) => {
        const several = list.map((one) => ({ ...one, outputTokens: 2 + (one.outputTokens ?? 0) }));
        const result = resultOf(logOf(several));
        const { confidence_95: _, fidelity, timeline, histograms, ...rest } = result;
        expect(asWritten(rest)).not.toContain('null');
        // The medians of an interval cover the replies in it.
        const { median_ttft_ms: __, median_tpot_ms: ___, ...rates } = timeline;
        expect(asWritten(rates)).not.toContain('null');
        expect(fidelity.reasons.join()).not.toMatch(/not known/);
        expect(histograms?.tpot.max).toEqual(expect.any(Number));
      }),
    );
  });

  it('merges to null if one of the results lacks a value', () => {
    fc.assert(
      fc.property(requests(true), requests(true), (a, b) => {
        const results = [resultOf(logOf(a)), resultOf(logOf(b))];
        const merged = mergeResults(
          results.map((one, index) => ({ file: `${index}.json`, json: JSON.parse(asWritten(one)) })),
        );
        for (const field of [
          'total_input_tokens',
          'total_output_tokens',
          'output_throughput',
          'total_token_throughput',
          'request_goodput',
        ] as const) {
          expect(merged[field] === null, field).toBe(results.some((one) => one[field] === null));
        }
        for (const metric of ['ttft', 'tpot', 'itl', 'e2el']) {
          const none = results.every((one) => figuresOf(one, metric).every((value) => value === null));
          for (const value of figuresOf(merged, metric)) expect(value === null, metric).toBe(none);
        }
        expect(merged.first_text?.replies).toBe(
          results.reduce((sum, { first_text: { replies } }) => sum + replies, 0),
        );
        expect(merged.fidelity.unknown_output_lengths).toBe(
          results.reduce((sum, { fidelity }) => sum + fidelity.unknown_output_lengths, 0),
        );
        expect(formatResult(merged, ['ttft', 'tpot', 'itl', 'e2el'])).not.toMatch(/NaN|null|undefined/);
      }),
    );
  });

  it('merges the server’s figures, in which the other shards do not count as other clients', () => {
    const [one, other] = fc
      .sample(requests(false), { numRuns: 2, seed: 1 })
      .map((list) => resultOf(logOf(list)));
    const sent = [one, other].reduce((sum, shard) => sum + (shard?.completed ?? 0) + (shard?.failed ?? 0), 0);
    const report = { state: 'read', engine: 'vLLM', window_s: 8, other_requests: null };
    const merge = (...reports: readonly (object | undefined)[]) =>
      mergeResults(
        [one, other].map((shard, index) => ({
          file: `${index}.json`,
          json: { ...JSON.parse(JSON.stringify(shard)), server_metrics: reports[index] },
        })),
      );
    const longer = { ...report, window_s: 9, finished_requests: sent + 3 };
    expect(merge(report, longer)).toMatchObject({ server_metrics: { ...longer, other_requests: 3 } });
    expect(merge({ ...longer, finished_requests: 0 }, report)).toMatchObject({
      server_metrics: { window_s: 9, other_requests: null },
    });
    const none = { state: 'unavailable', reason: 'no metrics' };
    expect(merge(none, longer)).toMatchObject({ server_metrics: { state: 'read' } });
    expect(merge(none, undefined)).toMatchObject({ server_metrics: none });
    expect(merge(undefined, undefined)).not.toHaveProperty('server_metrics');
  });

  it('neither writes nor prints numbers that JSON cannot represent', () => {
    fc.assert(
      fc.property(requests(true), (list) => {
        const result = resultOf(logOf(list, { detailed: true }));
        const check = (value: unknown): void => {
          if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
          else if (typeof value === 'object' && value !== null) Object.values(value).forEach(check);
        };
        check(result);
        const text = formatResult(result, ['ttft', 'tpot', 'itl', 'e2el']);
        expect(text).not.toMatch(/NaN|null|undefined|Infinity/);
        for (const [name, value] of [
          ['Total input tokens', result.total_input_tokens],
          ['Total token throughput', result.total_token_throughput],
        ] as const) {
          expect(new RegExp(`${name}.*not known`).test(text), name).toBe(value === null);
        }
      }),
    );
  });

  it('lists what is known about each request', () => {
    fc.assert(
      fc.property(requests(true), (list) => {
        const result = resultOf(logOf(list, { detailed: true }));
        const done = (one: Request, value: number | undefined): number | null =>
          one.state === RequestState.completed ? (value ?? null) : null;
        expect(result.input_lens).toEqual(list.map(({ inputTokens }) => inputTokens ?? null));
        expect(result.output_lens).toEqual(list.map((one) => done(one, one.outputTokens)));
        expect(result.ttfts?.map((ttft) => ttft === null)).toEqual(
          list.map((one) => done(one, one.firstMs) === null),
        );
        expect(result.start_times).toEqual(
          list.map(({ startMs }) => expect.closeTo(1_700_000_000 + startMs / 1000, 3)),
        );
      }),
    );
  });
});

const reply = (changes: Partial<Request>): Request => ({
  state: RequestState.completed,
  startMs: 10,
  firstMs: 30,
  decodeMs: 100,
  afterMs: 0,
  inputTokens: 100,
  outputTokens: 11,
  textLateMs: 0,
  answerLateMs: undefined,
  cachedTokens: undefined,
  ...changes,
});

describe('when requests were sent', () => {
  const log = logOf([reply({})]);
  const sentAs = (changes: Partial<LoadTest>) => {
    const { request_rate, burstiness, arrivals } = rawResultSchema.parse(
      JSON.parse(asWritten(resultOf(log, changes))),
    );
    return [request_rate, burstiness, arrivals];
  };
  const forever = { rate: 5, durationS: Number.POSITIVE_INFINITY };

  it.each<[string, Partial<LoadTest>, unknown[]]>([
    ['a closed loop', {}, ['inf', 1, undefined]],
    ['a rate', { requestRate: 3, burstiness: 0.5 }, [3, 0.5, undefined]],
    ['evenly spaced', { requestRate: 3, burstiness: Number.POSITIVE_INFINITY }, [3, 'inf', undefined]],
    ['one stage', { arrivals: { kind: 'rate', burstiness: 1, stages: [forever] } }, [5, 1, undefined]],
    [
      'a ramp',
      { arrivals: { kind: 'rate', burstiness: 1, stages: [{ fromRate: 1, rate: 5, durationS: 30 }] } },
      [null, 1, { kind: 'rate', stages: [{ from_rate: 1, rate: 5, seconds: 30 }] }],
    ],
    ['a trace', { arrivals: { kind: 'trace', timestampsMs: [0] } }, [null, 1, { kind: 'trace' }]],
  ])('%s is recorded', (_, changes, expected) => {
    expect(sentAs(changes)).toEqual(expected);
  });
});

describe('replies of one token', () => {
  const result = resultOf(logOf(Array.from({ length: 30 }, () => reply({ outputTokens: 1 }))));

  it('have no TPOT and no ITL anywhere', () => {
    for (const value of [...figuresOf(result, 'tpot'), ...figuresOf(result, 'itl')]) expect(value).toBeNull();
    expect(result.interactivity).toEqual({ mean: null, std: null });
    expect(result.distributions.tpot).toEqual({ edges_ms: [], counts: [] });
    expect(Object.keys(result.confidence_95)).not.toContainEqual(expect.stringContaining('tpot'));
    expect(result.timeline.median_tpot_ms.every((value) => value === null)).toBe(true);
    expect(result.histograms?.tpot).toEqual({ zeros: 0, sum: 0, sum_of_squares: 0, max: null, buckets: [] });
    expect(formatResult(result, ['tpot'])).toMatch(/Time per output token.*\n {2}mean \(ms\): +-\n/);
  });

  it('meet an objective for TPOT, and the result counts them', () => {
    expect(result.goodput).toEqual({ met: 30, met_without_tpot: 30, not_known: 0 });
    expect(formatResult(result, [])).toMatch(/met by a reply of one token: +30 of 30/);
  });
});

describe('visible text', () => {
  it('is printed only if it came later than the first token', () => {
    const prints = (changes: Partial<Request>): string =>
      formatResult(resultOf(logOf([reply({}), reply(changes)])), []);
    expect(prints({})).not.toMatch(/visible text|of the answer/);
    expect(prints({ textLateMs: 40 })).toMatch(/Time to first visible text, of 2 replies/);
    expect(prints({ answerLateMs: 40 })).toMatch(/Time to first token of the answer, of 1 replies/);
  });
});

describe('the duration of a test', () => {
  const dead = [
    ...Array.from({ length: 20 }, (_, index) => reply({ startMs: 10 + index })),
    reply({ state: RequestState.failed, afterMs: 8000 }),
  ];

  it('ends with the last reply, and reports what failed after it', () => {
    const result = resultOf(logOf(dead));
    expect(result.duration).toBeCloseTo((10 + 19 + 1101) / 1000, 6);
    expect(result.output_throughput).toBeCloseTo(220 / 1.13, 6);
    expect(result.fidelity.failures_after_last_reply_s).toBeCloseTo(7.981, 6);
    expect(result.fidelity.reasons).toContainEqual(
      expect.stringMatching(/up to 8\.0 s after the last reply/),
    );
  });

  it('is also the time base of the progress', () => {
    const counters = { ...newCounters(), completed: 20, failed: 1, outputTokens: 220 };
    const progress = progressOf(logOf(dead), counters, { startMs: 0, nowMs: 9000 }, 'suspect');
    expect(progress).toMatchObject({ elapsedS: 9, medianTtftMs: expect.closeTo(30, 6) });
    expect(progress.outputThroughput).toBeCloseTo(220 / 1.13, 6);
  });

  it('has no figures in the progress before the first reply', () => {
    const progress = progressOf(RequestLog.ofLength(3), newCounters(), { startMs: 0, nowMs: 500 }, 'checked');
    expect(progress).toMatchObject({ requestThroughput: 0, medianTtftMs: null, medianTpotMs: null });
  });
});

describe('the schema of a raw result', () => {
  const percentile = /^p[\d.]+_(ttft|tpot|itl|e2el)_ms$/;

  it('describes every field that is written, and no other', () => {
    fc.assert(
      fc.property(requests(true), fc.boolean(), (list, detailed) => {
        const written: unknown = JSON.parse(asWritten(resultOf(logOf(list, { detailed }))));
        expect(rawResultSchema.parse(written)).toEqual(written);
        const named = Object.fromEntries(
          Object.entries(Object(written)).filter(([name]) => !percentile.test(name)),
        );
        expect(rawResultFields.strict().safeParse(named).error).toBeUndefined();
      }),
      { numRuns: runs(20) },
    );
  });

  it.each([
    { changed: { duration: '1.5' }, path: 'duration' },
    { changed: { completed: 1.5 }, path: 'completed' },
    { changed: { p99_ttft_ms: 'slow' }, path: 'p99_ttft_ms' },
    { changed: { fidelity: { verdict: 'good' } }, path: 'fidelity.verdict' },
    {
      changed: { chunk_gap: { mean_ms: 1, median_ms: 1, std_ms: 0, p99_ms: true } },
      path: 'chunk_gap.p99_ms',
    },
    { changed: { timeline: undefined }, path: 'timeline' },
  ])('rejects a file with a wrong $path', ({ changed, path }) => {
    const result = { ...resultOf(logOf([reply({})])), ...changed };
    const paths = rawResultSchema.safeParse(result).error?.issues.map((issue) => issue.path.join('.'));
    expect(paths).toContain(path);
  });

  it('keeps the additional fields of a saved file', () => {
    const saved = { ...resultOf(logOf([reply({})])), label: 'mine', provenance: { host: 'a' } };
    expect(rawResultSchema.parse(saved)).toMatchObject({ label: 'mine', provenance: { host: 'a' } });
  });
});

describe('the prefix cache', () => {
  it('is reported as a share of the prompts whose replies report it, and is a reason for random prompts', () => {
    const list = [reply({ cachedTokens: 80 }), reply({ cachedTokens: 0 }), reply({})];
    const result = resultOf(logOf(list));
    expect(result.prefix_cache).toEqual({ replies: 2, cached_tokens: 80, prompt_tokens: 200, share: 0.4 });
    expect(result.fidelity.reasons).toContainEqual(expect.stringMatching(/40 % of the prompt tokens/));
    const texts = { kind: 'texts', prompts: [{ text: 'a', outputTokens: 1 }] } as const;
    expect(resultOf(logOf(list), { dataset: texts }).fidelity.reasons.join()).not.toMatch(/prefix cache/);
  });
});
