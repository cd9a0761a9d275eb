import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Need } from './answer.ts';
import { bestOverTime, type DatedCandidate, isNewer } from './best-over-time.ts';
import { type DecisionQuestion, decide } from './decision.ts';

const need: Need = {
  speed: 50,
  speedStatistic: 'median',
  ttftMs: 5000,
  ttftStatistic: 'median',
  tokens: 'total',
  arrival: 'any',
};

const question: DecisionQuestion<DatedCandidate> = {
  need,
  policy: 'any',
  accuracyOf: () => ({ state: 'unknown' }),
  priceOf: () => null,
  powerKwOf: () => null,
};

interface Measured {
  readonly day: number;
  readonly configuration: string;
  readonly speed: number;
  readonly tput: number;
  readonly hw?: string;
}

function measured({ day, configuration, speed, tput, hw = 'h200' }: Measured, index: number): DatedCandidate {
  return {
    id: `${index}`.padStart(4, '0'),
    hw,
    configuration,
    server: configuration,
    precision: 'fp8',
    conc: 1,
    verdict: 'checked',
    measuredAtS: day * 86_400,
    version: null,
    gpus: { total: 8, input: 8, output: 8 },
    metric: (name) =>
      ({ medianInteractivity: speed, totalTputPerGpu: tput, medianTtftMs: 100 })[name as string] ?? null,
    interval: () => null,
  };
}

const told = (points: readonly DatedCandidate[]) =>
  bestOverTime(points, question).map(({ hw, moments }) => [
    hw,
    moments.map(({ atS, row }) => [atS / 86_400, row?.answer.tputPerGpu ?? null]),
  ]);

describe('bestOverTime', () => {
  test('an answer holds until a new measurement replaces it, even with a worse one', () => {
    const points = [
      { day: 1, configuration: 'a', speed: 60, tput: 100 },
      { day: 2, configuration: 'b', speed: 60, tput: 80 },
      { day: 5, configuration: 'b', speed: 60, tput: 150 },
      { day: 9, configuration: 'b', speed: 60, tput: 90 },
    ].map(measured);
    expect(told(points)).toEqual([
      [
        'h200',
        [
          [1, 100],
          [5, 150],
          [9, 100],
        ],
      ],
    ]);
  });

  test('there is no answer before the first measurement, or after it became too slow', () => {
    const points = [
      { day: 1, configuration: 'a', speed: 10, tput: 500 },
      { day: 3, configuration: 'b', speed: 60, tput: 80 },
      { day: 7, configuration: 'b', speed: 40, tput: 200 },
    ].map(measured);
    expect(told(points)).toEqual([
      [
        'h200',
        [
          [3, 80],
          [7, null],
        ],
      ],
    ]);
  });

  test('at any time the answer is that of the newest measurements at that time', () => {
    const anyMeasured = fc.record({
      day: fc.integer({ min: 0, max: 6 }),
      configuration: fc.constantFrom('a', 'b', 'c'),
      speed: fc.constantFrom(20, 55, 80),
      tput: fc.integer({ min: 1, max: 1000 }),
      hw: fc.constantFrom('h200', 'mi355x'),
    });
    fc.assert(
      fc.property(fc.array(anyMeasured, { maxLength: 25 }), (all) => {
        const points = all.map(measured);
        const best = bestOverTime(points, question);
        for (let day = 0; day <= 6; day++) {
          const byThen = points.filter(({ measuredAtS }) => measuredAtS <= day * 86_400);
          const newest = byThen.filter(
            (one) =>
              !byThen.some(
                (other) =>
                  other !== one &&
                  other.hw === one.hw &&
                  other.configuration === one.configuration &&
                  isNewer(other, one),
              ),
          );
          const said = new Map(
            best.flatMap(({ hw, moments }) => {
              const row = moments.findLast(({ atS }) => atS <= day * 86_400)?.row;
              return row == null ? [] : [[hw, row.answer.tputPerGpu] as const];
            }),
          );
          const decided = decide(newest, question).rows;
          expect(said).toEqual(new Map(decided.map(({ answer }) => [answer.hw, answer.tputPerGpu])));
        }
      }),
    );
  });
});
