import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wilsonInterval } from './wilson.ts';

test('agrees with published values', () => {
  // Newcombe (1998), table I: 81 of 263, and 0 of 20.
  const [low = 0, high = 0] = wilsonInterval(81, 263) ?? [];
  expect(low).toBeCloseTo(0.2553, 4);
  expect(high).toBeCloseTo(0.3662, 4);
  expect(wilsonInterval(0, 20)?.[1]).toBeCloseTo(0.1611, 4);
});

test('contains the rate and stays between 0 and 1', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (attempts, share) => {
        const succeeded = Math.round(share * attempts);
        const [low = 1, high = 0] = wilsonInterval(succeeded, attempts) ?? [];
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(succeeded / attempts + 1e-12);
        expect(high).toBeGreaterThanOrEqual(succeeded / attempts - 1e-12);
      },
    ),
  );
  expect(wilsonInterval(0, 0)).toBeNull();
});
