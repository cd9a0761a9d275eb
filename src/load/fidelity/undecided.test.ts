import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latenciesOf } from '../latencies.ts';
import { RequestLog, RequestState, requestColumns } from '../request-log.ts';
import { summarize } from '../statistics/summary.ts';
import { areFiguresDecided } from './undecided.ts';

interface OneReply {
  readonly ttftMs: number;
  readonly gapMs: number;
  /** A possible token arrived this long before the first certain one. */
  readonly beforeMs?: number | undefined;
}

const tokens = 32;

function logOf(replies: readonly OneReply[]): RequestLog {
  const log = new RequestLog(requestColumns(replies.length, { shared: false }), 'nothing');
  for (const [index, { ttftMs, gapMs, beforeMs }] of replies.entries()) {
    const firstMs = 1000 + ttftMs;
    const lastMs = firstMs + gapMs * (tokens - 1);
    log.state[index] = RequestState.completed;
    log.startMs[index] = 1000;
    log.firstTokenMs[index] = firstMs;
    log.lastTokenMs[index] = lastMs;
    log.decodeMs[index] = lastMs - firstMs;
    log.decodeSteps[index] = tokens - 1;
    const gapsMs = new Float32Array(tokens - 1).fill(gapMs);
    log.recordGaps(index, gapsMs, gapsMs);
    if (beforeMs === undefined) continue;
    const bounds = { firstMs: [firstMs - beforeMs, firstMs], lastMs: [lastMs, lastMs], gaps: 1 } as const;
    log.undecided.push({ index, bounds });
  }
  return log;
}

/** The same replies if the doubtful events were tokens. */
function withTokens(replies: readonly OneReply[], were: readonly boolean[]): OneReply[] {
  return replies.map((reply, index) => {
    const { ttftMs, gapMs, beforeMs = 0 } = reply;
    if (were[index] !== true) return reply;
    return { ttftMs: ttftMs - beforeMs, gapMs: gapMs + beforeMs / (tokens - 1) };
  });
}

function figuresOf(replies: readonly OneReply[]): number[] {
  const { ttftMs, tpotMs, e2elMs } = latenciesOf(logOf(replies), 'due');
  return [ttftMs, tpotMs, e2elMs].flatMap((samples) => {
    const { mean, median, percentiles } = summarize(samples, [90, 95]);
    return [mean, median, ...percentiles.values()];
  });
}

const reply = fc.record({
  ttftMs: fc.double({ min: 200, max: 400, noNaN: true }),
  gapMs: fc.double({ min: 5, max: 20, noNaN: true }),
  beforeMs: fc.oneof(
    { weight: 60, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.double({ min: 0, max: 30, noNaN: true }) },
  ),
});

describe('replies whose token events are uncertain', () => {
  it('change no figure by more than 1 % if all figures are decided, whatever the events were', () => {
    let decided = 0;
    fc.assert(
      fc.property(
        fc.array(reply, { minLength: 40, maxLength: 120 }),
        fc.infiniteStream(fc.boolean()),
        (replies, were) => {
          const log = logOf(replies);
          if (log.undecided.length === 0 || !areFiguresDecided(log, { percentiles: [90, 95, 99.9] })) return;
          decided++;
          const recorded = figuresOf(replies);
          for (const [index, figure] of figuresOf(
            withTokens(replies, [...were.take(replies.length)]),
          ).entries()) {
            expect(Math.abs(figure - (recorded[index] ?? Number.NaN))).toBeLessThanOrEqual(0.0101 * figure);
          }
        },
      ),
    );
    expect(decided).toBeGreaterThan(0);
  });

  const usual = { ttftMs: 700, gapMs: 60 };
  const many = (count: number): OneReply[] => Array.from({ length: count }, () => usual);

  it.each<[string, readonly OneReply[], object, boolean]>([
    ['one of 80, not in the tail of the distribution', [...many(79), { ...usual, beforeMs: 60 }], {}, true],
    ['the slowest of 80, with p99', [...many(79), { ttftMs: 1500, gapMs: 60, beforeMs: 200 }], {}, true],
    [
      'the slowest of 120, with p99',
      [...many(118), ...Array(2).fill({ ttftMs: 1500, gapMs: 60, beforeMs: 200 })],
      {},
      false,
    ],
    ['none', many(5), {}, true],
    ['the only one', [{ ...usual, beforeMs: 60 }], {}, false],
    ['one of 80, much earlier', [...many(79), { ...usual, beforeMs: 690 }], {}, false],
    ['half of them, slightly', many(80).map((one) => ({ ...one, beforeMs: 1 })), {}, false],
    [
      'one of 80 that may miss its objective',
      [...many(79), { ...usual, beforeMs: 60 }],
      { goodput: { ttft: 690 } },
      false,
    ],
  ])('%s', (_, replies, test, expected) => {
    expect(areFiguresDecided(logOf(replies), { percentiles: [90, 99], ...test })).toBe(expected);
  });
});
