import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Better, type FrontierPosition, paretoFrontier } from './frontier.ts';

const self = (point: FrontierPosition) => point;
const points = fc.array(
  fc.record({ x: fc.integer({ min: 0, max: 20 }), y: fc.integer({ min: 0, max: 20 }) }),
);
const directions = fc.record({
  x: fc.constantFrom<Better>('higher', 'lower'),
  y: fc.constantFrom<Better>('higher', 'lower'),
});

describe('paretoFrontier', () => {
  test('keeps points that no other point dominates', () => {
    const all = [
      { x: 1, y: 10 },
      { x: 2, y: 8 },
      { x: 2, y: 4 },
      { x: 3, y: 8 },
      { x: 4, y: 1 },
    ];
    expect(paretoFrontier(all, self, { x: 'higher', y: 'higher' })).toEqual([
      { x: 1, y: 10 },
      { x: 3, y: 8 },
      { x: 4, y: 1 },
    ]);
    expect(paretoFrontier(all, self, { x: 'lower', y: 'higher' })).toEqual([{ x: 1, y: 10 }]);
  });

  test('leaves out points without a number', () => {
    expect(paretoFrontier([{ x: Number.NaN, y: 1 }], self, { x: 'higher', y: 'higher' })).toEqual([]);
  });

  test('is exactly the set of non-dominated positions, ordered by x', () => {
    fc.assert(
      fc.property(points, directions, (all, better) => {
        const asGood = (a: number, b: number, which: Better) => (which === 'higher' ? a >= b : a <= b);
        const dominated = (point: FrontierPosition) =>
          all.some(
            (other) =>
              (other.x !== point.x || other.y !== point.y) &&
              asGood(other.x, point.x, better.x) &&
              asGood(other.y, point.y, better.y),
          );
        const place = ({ x, y }: FrontierPosition) => `${x},${y}`;
        const expected = new Set(all.filter((point) => !dominated(point)).map(place));
        const frontier = paretoFrontier(all, self, better);
        expect(frontier.map(place).toSorted()).toEqual([...expected].toSorted());
        expect(frontier.map(({ x }) => x)).toEqual(frontier.map(({ x }) => x).toSorted((a, b) => a - b));
      }),
    );
  });
});
