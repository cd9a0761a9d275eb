import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanInFlight, peakInFlight } from './concurrency.ts';

/** None of these runs has requests in flight after the last reply. */
const lastReplyMs = Number.POSITIVE_INFINITY;

describe('concurrency', () => {
  it('averages while there were requests to send', () => {
    // Two streams, one of which is idle from 10 to 20. The last send is at 30; the rest is the tail.
    const starts = Float64Array.of(0, 0, 10, 20, 30);
    const ends = Float64Array.of(10, 10, 30, 30, 500);
    expect(meanInFlight(starts, ends, { asked: 2, firstReplyMs: 10, lastReplyMs })).toBeCloseTo(
      (10 + 10 + 20 + 10) / 30,
      9,
    );
    expect(peakInFlight(starts, ends)).toBe(2);
  });

  it('is 0 without requests, and the peak if the run is too short', () => {
    const none = new Float64Array();
    expect(meanInFlight(none, none, { asked: 3, firstReplyMs: Number.POSITIVE_INFINITY, lastReplyMs })).toBe(
      0,
    );
    const ends = Float64Array.of(5.2, 5.3, 5.4);
    expect(meanInFlight(Float64Array.of(5, 5, 5), ends, { asked: 3, firstReplyMs: 5.2, lastReplyMs })).toBe(
      3,
    );
  });

  it('ignores requests that hang after the last reply', () => {
    // One stream hangs from 20 on. The other keeps failing until 1,000, long after the last reply.
    const starts = Float64Array.of(0, 0, 10, 20, 40, 900);
    const ends = Float64Array.of(10, 20, 40, 2000, 900, 1000);
    const mean = meanInFlight(starts, ends, { asked: 2, firstReplyMs: 10, lastReplyMs: 40 });
    expect(mean).toBeCloseTo(2, 9);
  });

  it('does not take an early failure for the first reply', () => {
    const starts = Float64Array.of(0, 3, 6, 9);
    const ends = Float64Array.of(1, 200, 200, 200);
    expect(meanInFlight(starts, ends, { asked: 4, firstReplyMs: 200, lastReplyMs })).toBe(3);
  });

  /** Simulates a client that sends as soon as a stream is free, with at least `sendMs` between sends. */
  function sentBy({
    streams,
    requests,
    sendMs,
    replyMs,
  }: {
    readonly streams: number;
    readonly requests: number;
    readonly sendMs: number;
    readonly replyMs: number;
  }) {
    const starts: number[] = [];
    for (let index = 0; index < requests; index++) {
      const free = index < streams ? 0 : (starts[index - streams] ?? 0) + replyMs;
      starts.push(Math.max(free, (starts.at(-1) ?? -sendMs) + sendMs));
    }
    const ends = Float64Array.from(starts, (atMs) => atMs + replyMs);
    return [Float64Array.from(starts), ends, Math.min(...ends)] as const;
  }

  it('equals the requested concurrency if the client holds it, even for few waves of requests', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.double({ min: 1, max: 4, noNaN: true }),
        fc.double({ min: 0.001, max: 0.2, noNaN: true }),
        (streams, waves, sendMs) => {
          // The first sends are finished within half the time to the first reply.
          const replyMs = Math.max(10, 2 * streams * sendMs);
          const requests = Math.ceil(streams * waves);
          const [starts, ends, firstReplyMs] = sentBy({ streams, requests, sendMs, replyMs });
          const mean = meanInFlight(starts, ends, { asked: streams, firstReplyMs, lastReplyMs });
          expect(mean / streams).toBeGreaterThan(0.99);
          expect(mean / streams).toBeLessThan(1.01);
        },
      ),
    );
  });

  it('is lower if the client holds fewer streams, or sends too slowly to fill them', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 200 }),
        fc.double({ min: 1, max: 4, noNaN: true }),
        fc.double({ min: 0.1, max: 0.75, noNaN: true }),
        fc.boolean(),
        (asked, waves, held, slow) => {
          const requests = Math.ceil(asked * waves);
          const replyMs = 100;
          // For a slow client, replies arrive before it has sent `held` of the first requests.
          const how = slow
            ? { streams: asked, sendMs: replyMs / (held * asked) }
            : { streams: Math.max(1, Math.floor(held * asked)), sendMs: 0.001 };
          const [starts, ends, firstReplyMs] = sentBy({ ...how, requests, replyMs });
          expect(meanInFlight(starts, ends, { asked, firstReplyMs, lastReplyMs }) / asked).toBeLessThan(0.8);
        },
      ),
    );
  });
});
