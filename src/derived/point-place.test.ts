import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AnswerCandidate } from './candidate.ts';
import { paretoFrontier } from './frontier.ts';
import { placeOf } from './point-place.ts';

const need = {
  speedStatistic: 'median',
  ttftMs: null,
  ttftStatistic: 'median',
  tokens: 'total',
  arrival: 'any',
} as const;

interface Figures {
  readonly speed: number | null;
  readonly tput: number;
  readonly ttftMs?: number;
  readonly hw?: string;
}

function candidate({ speed, tput, ttftMs = 100, hw = 'h200' }: Figures, index: number): AnswerCandidate {
  const figures = new Map<string, number | null>([
    ['medianInteractivity', speed],
    ['totalTputPerGpu', tput],
    ['medianTtftMs', ttftMs],
  ]);
  return {
    id: `${index}`,
    hw,
    server: `${index}`,
    precision: 'fp8',
    conc: 1,
    verdict: 'checked',
    measuredAtS: 0,
    version: null,
    gpus: { total: 8, input: 8, output: 8 },
    metric: (name) => figures.get(name) ?? null,
    interval: () => null,
  };
}

const idsAhead = (own: number, points: readonly AnswerCandidate[], ttftMs: number | null = null) => {
  const point = points[own];
  return point && placeOf(point, points, { ...need, ttftMs })?.ahead.map(({ id }) => id);
};

test('lists points of the same hardware within the limit that are as fast and give more, best first', () => {
  const points = [
    { speed: 50, tput: 100 },
    { speed: 50, tput: 120 },
    { speed: 70, tput: 300 },
    { speed: 40, tput: 900 },
    { speed: 90, tput: 500, ttftMs: 9000 },
    { speed: 90, tput: 500, hw: 'b200' },
  ].map(candidate);
  expect(idsAhead(0, points)).toEqual(['4', '2', '1']);
  expect(idsAhead(0, points, 3000)).toEqual(['2', '1']);
  expect(idsAhead(3, points)).toEqual([]);
});

test('has no place for a point without the speed', () => {
  const points = [{ speed: null, tput: 100 }].map(candidate);
  expect(idsAhead(0, points)).toBeUndefined();
});

test('no point is ahead of the frontier, and some point is ahead of every other point', () => {
  const figure = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(
      fc.array(fc.record({ speed: figure, tput: figure }), { minLength: 1, maxLength: 20 }),
      (all) => {
        const points = all.map(candidate);
        const position = (point: AnswerCandidate) => ({
          x: point.metric('medianInteractivity') ?? Number.NaN,
          y: point.metric('totalTputPerGpu') ?? Number.NaN,
        });
        const better = { x: 'higher', y: 'higher' } as const;
        const frontier = new Set(
          paretoFrontier(points, position, better).map((point) => JSON.stringify(position(point))),
        );
        for (const [index, point] of points.entries())
          expect(idsAhead(index, points)?.length === 0).toBe(frontier.has(JSON.stringify(position(point))));
      },
    ),
  );
});
