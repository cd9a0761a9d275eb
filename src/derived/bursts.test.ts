import { describe, expect, test } from 'vitest';
import { burstsOf, interruptionMs, noticeableMs, worstBursts } from './bursts.ts';
import type { MetricName } from './metrics.ts';

const pointWith = (metrics: Partial<Record<MetricName, number>>) => ({
  metric: (name: MetricName) => metrics[name] ?? null,
});
const bursty = { medianTpotMs: 14.56, medianItlMs: 3623, p99ItlMs: 3762 };
const smooth = { medianTpotMs: 14.56, medianItlMs: 14.2, p99ItlMs: 30 };

describe('bursts', () => {
  test('a server that delivers 249 tokens every 3.6 s, at 69 tok/s', () => {
    expect(burstsOf(pointWith(bursty))).toEqual({ of: 'half', gapMs: 3623, tokens: 3623 / 14.56 });
  });

  test('none if a token arrives in each step, or the few of a speculative step', () => {
    expect(burstsOf(pointWith(smooth))).toBeNull();
    expect(burstsOf(pointWith({ medianTpotMs: 8.9, medianItlMs: 22, p99ItlMs: 54 }))).toBeNull();
  });

  test('none if readers cannot notice the gaps, or a slow server sends token by token', () => {
    expect(burstsOf(pointWith({ medianTpotMs: 5, medianItlMs: noticeableMs - 1 }))).toBeNull();
    expect(burstsOf(pointWith({ medianTpotMs: 400, medianItlMs: 410, p99ItlMs: 1200 }))).toBeNull();
  });

  test('rare pauses count if they interrupt reading', () => {
    expect(burstsOf(pointWith({ ...smooth, p99ItlMs: interruptionMs }))).toMatchObject({
      of: 'one-in-100',
      gapMs: interruptionMs,
    });
    expect(burstsOf(pointWith({ ...smooth, p99ItlMs: interruptionMs - 1 }))).toBeNull();
  });

  test('none for a point without ITL or TPOT', () => {
    expect(burstsOf(pointWith({ medianTpotMs: 14 }))).toBeNull();
    expect(burstsOf(pointWith({ medianItlMs: 3000, p99ItlMs: 3000 }))).toBeNull();
    expect(burstsOf(pointWith({ medianTpotMs: 0, medianItlMs: 3000 }))).toBeNull();
  });

  test('between two points, the longer gap of the more frequent kind', () => {
    const rare = { ...smooth, p99ItlMs: 9000 };
    expect(worstBursts([smooth, bursty, rare].map(pointWith))?.gapMs).toBe(3623);
    expect(worstBursts([bursty, { ...bursty, medianItlMs: 5000 }].map(pointWith))?.gapMs).toBe(5000);
    expect(worstBursts([smooth, smooth].map(pointWith))).toBeNull();
  });
});
