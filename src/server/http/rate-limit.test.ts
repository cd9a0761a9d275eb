import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RateLimiter } from './rate-limit.ts';

test('allows a client a burst and then the rate, without affecting others', () => {
  let nowMs = 0;
  const limiter = new RateLimiter({ burst: 2, perSecond: 1 }, () => nowMs);
  expect([limiter.take('a'), limiter.take('a'), limiter.take('a')]).toEqual([undefined, undefined, 1]);
  expect(limiter.take('b')).toBeUndefined();
  nowMs = 400;
  expect(limiter.take('a')).toBeCloseTo(0.6, 9);
  nowMs = 1000;
  expect(limiter.take('a')).toBeUndefined();
  expect(limiter.take('a')).toBeCloseTo(1, 9);
});

test('never allows a client more than the burst plus the rate over any period', () => {
  const pauses = fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 200 });
  fc.assert(
    fc.property(
      pauses,
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 5 }),
      (waits, burst, rate) => {
        let nowMs = 0;
        const limiter = new RateLimiter({ burst, perSecond: rate }, () => nowMs);
        let taken = 0;
        for (const waitMs of waits) {
          nowMs += waitMs;
          if (limiter.take('one') === undefined) taken++;
        }
        expect(taken).toBeLessThanOrEqual(burst + (nowMs / 1000) * rate + 1e-6);
      },
    ),
  );
});
