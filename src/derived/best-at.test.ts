import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bestAt } from './best-at.ts';
import { type Better, type FrontierPosition, paretoFrontier } from './frontier.ts';

const self = (point: FrontierPosition) => point;
const points = fc.array(
  fc.record({
    x: fc.double({ min: 0.001, max: 1e6, noNaN: true }),
    y: fc.double({ min: 0, max: 1e9, noNaN: true }),
  }),
  { minLength: 1 },
);
const better = fc.record({
  x: fc.constantFrom<Better>('higher', 'lower'),
  y: fc.constantFrom<Better>('higher', 'lower'),
});

describe('bestAt', () => {
  const frontier = [
    { x: 10, y: 100 },
    { x: 20, y: 50 },
  ];

  test('is a measured point at a level, and below the easiest one', () => {
    expect(bestAt(frontier, self, 20, 'higher')).toEqual({ kind: 'measured', y: 50, item: frontier[1] });
    expect(bestAt(frontier, self, 3, 'higher')).toEqual({ kind: 'measured', y: 100, item: frontier[0] });
  });

  test('lies on the line between two points, and says which', () => {
    expect(bestAt(frontier, self, 15, 'higher')).toEqual({
      kind: 'interpolated',
      y: 75,
      range: [100, 50],
      items: frontier,
    });
  });

  test('reads a latency from the other side', () => {
    const byLatency = [
      { x: 1, y: 50 },
      { x: 2, y: 100 },
    ];
    expect(bestAt(byLatency, self, 9, 'lower')).toMatchObject({ kind: 'measured', y: 100 });
    expect(bestAt(byLatency, self, 1.5, 'lower')).toMatchObject({ kind: 'interpolated', y: 75 });
    expect(bestAt(byLatency, self, 0.5, 'lower')).toEqual({ kind: 'out-of-reach' });
  });

  test('does not say what was not measured', () => {
    expect(bestAt(frontier, self, 20.01, 'higher')).toEqual({ kind: 'out-of-reach' });
    expect(bestAt([], self, 1, 'higher')).toEqual({ kind: 'out-of-reach' });
  });

  test('never leaves what its neighbours measured, whatever the points, and asking for more never gives more', () => {
    const level = fc.double({ min: 0, max: 2e6, noNaN: true });
    fc.assert(
      fc.property(points, better, level, level, (all, directions, one, other) => {
        const line = paretoFrontier(all, self, directions);
        const [easy, hard] = (directions.x === 'higher') === one < other ? [one, other] : [other, one];
        const [atEasy, atHard] = [easy, hard].map((asked) => bestAt(line, self, asked, directions.x));
        for (const found of [atEasy, atHard]) {
          if (found?.kind !== 'interpolated') continue;
          const [best, worst] = found.range;
          expect(found.y).toBeGreaterThanOrEqual(Math.min(best, worst));
          expect(found.y).toBeLessThanOrEqual(Math.max(best, worst));
        }
        if (atEasy?.kind === 'out-of-reach') expect(atHard?.kind).toBe('out-of-reach');
        if (atEasy === undefined || atHard === undefined) return;
        if (atEasy.kind === 'out-of-reach' || atHard.kind === 'out-of-reach') return;
        // Weighting rounds, so two levels of the same line may differ in the last digit.
        const slack = 1e-9 * Math.max(atEasy.y, atHard.y);
        if (directions.y === 'higher') expect(atHard.y).toBeLessThanOrEqual(atEasy.y + slack);
        else expect(atHard.y).toBeGreaterThanOrEqual(atEasy.y - slack);
      }),
    );
  });
});
