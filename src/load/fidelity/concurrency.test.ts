import { describe, expect, it } from 'vitest';
import { meanInFlight, peakInFlight } from './concurrency.ts';

describe('concurrency', () => {
  it('counts the streams that were full while there was more to send', () => {
    // Two streams, one of which idles from 10 to 20; the last send is at 30, what follows is the tail.
    const starts = Float64Array.of(0, 0, 10, 20, 30);
    const ends = Float64Array.of(10, 10, 30, 30, 500);
    expect(meanInFlight(starts, ends)).toBeCloseTo((10 + 10 + 20 + 10) / 30, 9);
    expect(peakInFlight(starts, ends)).toBe(2);
  });

  it('takes one wave of requests as all in flight', () => {
    expect(meanInFlight([5, 5, 5], [9, 9, 9])).toBe(3);
    expect(meanInFlight([], [])).toBe(0);
  });
});
