import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FrontierPosition } from './frontier.ts';
import { hypervolume } from './hypervolume.ts';

const origin = { x: 0, y: 0 };
const bothHigher = { x: 'higher', y: 'higher' } as const;
const place = fc.record({ x: fc.integer({ min: 0, max: 30 }), y: fc.integer({ min: 0, max: 30 }) });

/** Counts the unit squares that some point dominates. */
function counted(points: readonly FrontierPosition[]): number {
  let squares = 0;
  for (let x = 0; x < 30; x++)
    for (let y = 0; y < 30; y++) if (points.some((point) => point.x > x && point.y > y)) squares++;
  return squares;
}

describe('hypervolume', () => {
  test('is the area below the steps of the frontier', () => {
    expect(
      hypervolume(
        [
          { x: 2, y: 3 },
          { x: 4, y: 1 },
          { x: 1, y: 1 },
        ],
        origin,
        bothHigher,
      ),
    ).toBe(8);
    expect(hypervolume([], origin, bothHigher)).toBe(0);
  });

  test('equals the number of dominated unit squares', () => {
    fc.assert(
      fc.property(fc.array(place), (points) => {
        expect(hypervolume(points, origin, bothHigher)).toBe(counted(points));
      }),
    );
  });

  test('is the same for mirrored axes on which lower is better', () => {
    fc.assert(
      fc.property(fc.array(place), (points) => {
        const mirrored = points.map(({ x, y }) => ({ x: 100 - x, y }));
        expect(hypervolume(mirrored, { x: 100, y: 0 }, { x: 'lower', y: 'higher' })).toBe(counted(points));
      }),
    );
  });

  test('never shrinks if a point is added', () => {
    fc.assert(
      fc.property(fc.array(place), place, (points, more) => {
        const without = hypervolume(points, origin, bothHigher);
        expect(hypervolume([...points, more], origin, bothHigher)).toBeGreaterThanOrEqual(without);
      }),
    );
  });
});
