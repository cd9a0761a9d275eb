import { describe, expect, test } from 'vitest';
import { arrivalOf, pauseMs, worstArrival } from './arrival.ts';
import type { MetricName } from './metrics.ts';

const pointWith = (metrics: Partial<Record<MetricName, number>>, version: string | null = null) => ({
  version,
  metric: (name: MetricName) => metrics[name] ?? null,
});
const bursty = { medianTpotMs: 14.56, medianItlMs: 3623, p99ItlMs: 3762 };
const smooth = { medianTpotMs: 14.56, medianItlMs: 14.2, p99ItlMs: 30 };

describe('arrival', () => {
  test('in bursts, if the p99 gap is a pause of several steps; the median gap does not matter', () => {
    const bursts = { state: 'bursts', gapMs: 3762 };
    expect(arrivalOf(pointWith(bursty))).toEqual(bursts);
    expect(arrivalOf(pointWith({ ...bursty, medianItlMs: 14 }))).toEqual(bursts);
    const { medianItlMs: _, ...withoutMedian } = bursty;
    expect(arrivalOf(pointWith(withoutMedian))).toEqual(bursts);
    expect(arrivalOf(pointWith({ ...smooth, medianItlMs: 3000 }))).toMatchObject({ state: 'smooth' });
  });

  test('smooth with the gap, if it is shorter than a pause, or a slow server sends token by token', () => {
    expect(arrivalOf(pointWith(smooth))).toEqual({ state: 'smooth', gapMs: 30 });
    expect(arrivalOf(pointWith({ ...smooth, p99ItlMs: pauseMs - 1 }))).toMatchObject({ state: 'smooth' });
    expect(arrivalOf(pointWith({ ...smooth, p99ItlMs: pauseMs }))).toMatchObject({ state: 'bursts' });
    expect(arrivalOf(pointWith({ medianTpotMs: 400, p99ItlMs: 1200 }))).toMatchObject({ state: 'smooth' });
  });

  test('unknown without the p99 gap, or if a long one cannot be compared with TPOT', () => {
    expect(arrivalOf(pointWith({ medianTpotMs: 14, medianItlMs: 3000 }))).toEqual({ state: 'unknown' });
    expect(arrivalOf(pointWith({ p99ItlMs: 3000 }))).toEqual({ state: 'unknown' });
    expect(arrivalOf(pointWith({ medianTpotMs: 0, p99ItlMs: 3000 }))).toEqual({ state: 'unknown' });
  });

  test('own results, which divide gaps among tokens, can show bursts but not that there are none', () => {
    expect(arrivalOf(pointWith(smooth, '0.2.0'))).toEqual({ state: 'unknown' });
    expect(arrivalOf(pointWith(bursty, '0.2.0'))).toMatchObject({ state: 'bursts' });
  });

  test('between two points, bursts of either, else unknown if either is, else the longer gap', () => {
    const unknown = { medianTpotMs: 14 };
    expect(worstArrival([smooth, unknown, bursty].map((one) => pointWith(one)))).toMatchObject({
      state: 'bursts',
      gapMs: 3762,
    });
    expect(worstArrival([smooth, unknown].map((one) => pointWith(one)))).toEqual({ state: 'unknown' });
    expect(worstArrival([smooth, { ...smooth, p99ItlMs: 40 }].map((one) => pointWith(one)))).toEqual({
      state: 'smooth',
      gapMs: 40,
    });
  });
});
