import { describe, expect, it } from 'vitest';
import { RequestLog, RequestState } from '../request-log.ts';
import { mergeTimelines, mostIntervals, timeline } from './timeline.ts';

/** A log of requests given as [start, first token, last token, end] in milliseconds, with 11 tokens each. */
function logOf(requests: readonly (readonly [number, number, number, number])[]): RequestLog {
  const log = RequestLog.ofLength(requests.length);
  for (const [index, [start, first, last, end]] of requests.entries()) {
    log.state[index] = RequestState.completed;
    log.startMs[index] = start;
    log.firstTokenMs[index] = first;
    log.lastTokenMs[index] = last;
    log.endMs[index] = end;
    log.outputTokens[index] = 11;
    log.decodeMs[index] = last - first;
    log.decodeSteps[index] = 10;
  }
  return log;
}

describe('timeline', () => {
  it('assigns tokens, requests and medians to their intervals', () => {
    // Starting at 1,000 ms on the clock: one request within the first second, and one that spans three.
    const log = logOf([
      [1000, 1100, 1600, 1600],
      [1500, 1900, 3900, 4000],
    ]);
    log.state[0] = RequestState.failed;
    const { output_throughput, ...rest } = timeline(log, 1000, 3000);
    expect(rest).toEqual({
      interval_s: 1,
      request_throughput: [0, 0, 1],
      in_flight: [1.1, 1, 1],
      failed: [1, 0, 0],
      median_ttft_ms: [400, null, null],
      median_tpot_ms: [null, null, 200],
    });
    expect(output_throughput).toEqual([0.55, 5.5, 4.95]);
  });

  it('computes rates over the actual length of the last interval', () => {
    const log = logOf([[1, 2, 1201, 1201]]);
    expect(timeline(log, 1, 1200)).toMatchObject({ request_throughput: [0, 5], in_flight: [1, 1] });
  });

  it('counts TTFT from the scheduled send of an open loop', () => {
    const log = logOf([[100, 150, 200, 200]]);
    log.scheduledMs[0] = 20;
    expect(timeline(log, 10, 200).median_ttft_ms).toEqual([130]);
  });

  it('has no token rate during a reply whose tokens are unknown', () => {
    const log = logOf([
      [0, 100, 900, 900],
      [1000, 1100, 1900, 1900],
      [2000, 2100, 2900, 2900],
    ]);
    log.outputTokens[1] = Number.NaN;
    expect(timeline(log, 0, 3000)).toMatchObject({
      output_throughput: [11, null, 11],
      request_throughput: [1, 1, 1],
    });
  });

  it('ends with the last reply, not with requests that hang after it', () => {
    const log = logOf([
      [0, 100, 500, 500],
      [100, 200, 300, 60_000],
    ]);
    log.state[1] = RequestState.failed;
    expect(timeline(log, 0, 500)).toMatchObject({ in_flight: [1.8], failed: [1], request_throughput: [2] });
  });

  it('has few intervals for runs of any length', () => {
    for (const hours of [0, 0.001, 0.1, 1, 5, 24, 1000]) {
      const line = timeline(logOf([[1, 2, 3, 3]]), 1, hours * 3_600_000);
      expect(line.failed.length).toBeGreaterThan(0);
      expect(line.failed.length).toBeLessThanOrEqual(mostIntervals);
    }
  });
});

describe('mergeTimelines', () => {
  it('adds up the rates of shards that started at different times, and has no medians', () => {
    const shard = timeline(logOf([[0.5, 100, 1900, 2000]]), 0, 2000);
    const merged = mergeTimelines([
      { timeline: shard, delayS: 0 },
      { timeline: shard, delayS: 1.2 },
    ]);
    expect(merged).toMatchObject({
      request_throughput: [0, 1, 1],
      median_tpot_ms: [null, null, null],
    });
    const [first, second] = shard.output_throughput;
    expect(merged?.output_throughput[1]).toBeCloseTo(Number(first) + Number(second), 2);
  });

  it('is undefined if intervals differ', () => {
    const short = timeline(logOf([[1, 2, 3, 3]]), 0, 1000);
    const long = timeline(logOf([[1, 2, 3, 3]]), 0, 1_000_000);
    expect(
      mergeTimelines([
        { timeline: short, delayS: 0 },
        { timeline: long, delayS: 0 },
      ]),
    ).toBeUndefined();
  });
});
