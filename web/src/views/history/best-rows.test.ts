import { expect, test } from 'vitest';
import { type BestOverTime, bestOverTime } from '../../../../src/derived/best-over-time.ts';
import type { DecisionQuestion } from '../../../../src/derived/decision.ts';
import { candidatesOf, type PointCandidate } from '../../data/candidates.ts';
import { type TestPoint, testPoints } from '../../testing/points.ts';
import { changedIn, changesOf, findingOf, isProven, relativeOf, standingOf } from './best-rows.ts';

const names = { model: String, engine: (name: string) => name, hardware: (hw: string) => hw.toUpperCase() };
const question: DecisionQuestion<PointCandidate> = {
  need: {
    speed: 50,
    speedStatistic: 'median',
    ttftMs: null,
    ttftStatistic: 'median',
    tokens: 'total',
    arrival: 'any',
  },
  policy: 'any',
  accuracyOf: () => ({ state: 'unknown' }),
  priceOf: () => null,
  powerKwOf: () => null,
};

interface Measured extends TestPoint {
  readonly on: string;
  readonly tput: number;
  readonly speed?: number;
}

/** Best results over time: of each kind of hardware, and of each configuration. */
function followed(
  ...all: readonly Measured[]
): readonly [best: BestOverTime<PointCandidate>[], ofConfigurations: BestOverTime<PointCandidate>[]] {
  const points = candidatesOf(
    testPoints(
      all.map(({ on, tput, speed = 60, ...point }) => ({
        ...point,
        measuredAtS: Date.parse(on) / 1000,
        metrics: { totalTputPerGpu: tput, medianInteractivity: speed },
      })),
    ),
  );
  return [
    bestOverTime(points, question),
    bestOverTime(points, question, ({ configuration }) => configuration),
  ];
}

const b200 = { hw: 'b200', framework: 'sglang', precision: 'fp4' };
const h200 = { hw: 'h200', framework: 'sglang', precision: 'fp8' };

test('names the leader, since when it leads, and the configuration that has improved the most', () => {
  const [best, ofConfigurations] = followed(
    { ...b200, on: '2025-12-01', tput: 100 },
    { ...b200, on: '2026-02-01', tput: 300 },
    { ...h200, on: '2025-11-01', tput: 150 },
    { ...h200, on: '2026-03-01', tput: 160 },
  );
  expect(findingOf(best, ofConfigurations, names)).toBe(
    'B200 serves the most, 300\u00a0tok/s per GPU (measured 1 Feb 2026), and has led since 1 Feb 2026. Of single configurations, sglang, FP4 (TP8 EP1, concurrency 1) on B200 has improved the most: 3 times its first result, from 1 Dec 2025 to 1 Feb 2026.',
  );
});

test('a gain with another server is not an improvement: the other server is named', () => {
  const [best, ofConfigurations] = followed(
    { ...b200, on: '2025-12-01', tput: 100 },
    { ...b200, framework: 'trt', on: '2026-02-01', tput: 627 },
    { ...h200, on: '2025-11-01', tput: 150 },
    { ...h200, on: '2026-03-01', tput: 180 },
  );
  const finding = findingOf(best, ofConfigurations, names);
  expect(finding).toContain(
    'Of single configurations, sglang, FP8 (TP8 EP1, concurrency 1) on H200 has improved the most: 1.2 times its first result, from 1 Nov 2025 to 1 Mar 2026.',
  );
  expect(finding).toContain(
    'B200 reached 6.27 times its first result, from 1 Dec 2025 to 1 Feb 2026, but with another server: trt, FP4 (TP8 EP1, concurrency 1) in place of sglang, FP4 (TP8 EP1, concurrency 1).',
  );
  const changed = changesOf(best).filter((change) => relativeOf(change) !== null);
  expect(changed.map((change) => [change.hw, changedIn(change)])).toEqual([
    ['h200', null],
    ['b200', 'server'],
  ]);
});

test('another layout of the same engine is another server, too', () => {
  const [best] = followed(
    { ...b200, layout: 'TP8', on: '2025-12-01', tput: 100 },
    { ...b200, layout: 'TP4', on: '2026-02-01', tput: 200 },
  );
  expect(changesOf(best).map(changedIn)).toEqual(['server', null]);
});

test('a result at another concurrency is not an improvement either', () => {
  const [best, ofConfigurations] = followed(
    { ...b200, conc: 4, on: '2025-12-01', tput: 100, speed: 90 },
    { ...b200, conc: 32, on: '2026-02-01', tput: 918, speed: 55 },
  );
  const finding = findingOf(best, ofConfigurations, names);
  expect(finding).toContain('No configuration within the limits was measured twice.');
  expect(finding).toContain(
    '9.18 times its first result, from 1 Dec 2025 to 1 Feb 2026, but at concurrency 32 in place of 4.',
  );
  expect(changesOf(best).map(changedIn)).toEqual(['concurrency', null]);
});

test('hardware without competitors is not called the leader, and one measurement is not “no gain”', () => {
  expect(findingOf(...followed({ ...h200, on: '2025-12-01', tput: 100 }), names)).toBe(
    'H200 serves 100\u00a0tok/s per GPU (measured 1 Dec 2025). No configuration within the limits was measured twice.',
  );
});

test('a step that comes only from interpolating between other concurrencies is neither a gain nor a loss', () => {
  // On the second day, concurrency 16 is added; the server is as fast as before.
  const [best, ofConfigurations] = followed(
    { ...b200, conc: 4, on: '2025-12-01', tput: 100, speed: 90 },
    { ...b200, conc: 32, on: '2025-12-01', tput: 900, speed: 30 },
    { ...b200, conc: 16, on: '2026-02-01', tput: 700, speed: 45 },
  );
  const [step] = changesOf(best);
  if (step === undefined) throw new Error('there is no change');
  expect(step.row?.answer.tputPerGpu).not.toBe(step.before?.answer.tputPerGpu);
  expect([changedIn(step), relativeOf(step)]).toEqual(['interpolation', null]);
  expect(findingOf(best, ofConfigurations, names)).not.toContain('times its first result');
});

test('a measured gain between the same two concurrencies is one, although it is interpolated', () => {
  const [best] = followed(
    ...['2025-12-01', '2026-02-01'].flatMap((on, index) => [
      { ...b200, conc: 4, on, tput: 100 * (index + 1), speed: 90 },
      { ...b200, conc: 32, on, tput: 900 * (index + 1), speed: 30 },
    ]),
  );
  const [gain] = changesOf(best);
  if (gain === undefined) throw new Error('there is no change');
  expect(changedIn(gain)).toBeNull();
  expect(relativeOf(gain)).toBeCloseTo(1, 6);
  expect(isProven(gain)).toBe(true);
});

test('a change within the spread of repeats is not proven', () => {
  const [best] = followed(
    { ...h200, on: '2025-12-01', tput: 100 },
    { ...h200, on: '2026-01-01', tput: 103 },
    { ...h200, on: '2026-02-01', tput: 150 },
  );
  expect(changesOf(best).map(isProven)).toEqual([true, false, false]);
});

test('a result stands as measured, interpolated, or carried from before', () => {
  const [measured] = followed({ ...h200, on: '2025-12-01', tput: 100 });
  expect(measured[0]?.moments.map(standingOf)).toEqual(['measured']);
  const [between] = followed(
    { ...b200, conc: 4, on: '2025-12-01', tput: 100, speed: 90 },
    { ...b200, conc: 16, on: '2025-12-01', tput: 900, speed: 30 },
  );
  expect(between[0]?.moments.map(standingOf)).toEqual(['interpolated']);
  // The better layout is measured again and is worse, so the other one is the best, as measured in December.
  const [replaced] = followed(
    { ...h200, layout: 'TP4', on: '2025-12-01', tput: 100 },
    { ...h200, layout: 'TP8', on: '2025-12-02', tput: 200 },
    { ...h200, layout: 'TP8', on: '2026-02-01', tput: 50 },
  );
  expect(replaced[0]?.moments.map(standingOf)).toEqual(['measured', 'measured', 'carried']);
});

test('an interpolated result is marked', () => {
  const [best, ofConfigurations] = followed(
    { ...b200, conc: 4, on: '2025-12-01', tput: 100, speed: 60 },
    { ...b200, conc: 8, on: '2025-12-01', tput: 200, speed: 40 },
  );
  expect(findingOf(best, ofConfigurations, names)).toContain('B200 serves ≈\u00a0150\u00a0tok/s per GPU');
});

test('reports that nothing improved, and that there is no answer any more', () => {
  expect(
    findingOf(
      ...followed({ ...h200, on: '2026-01-01', tput: 100 }, { ...h200, on: '2026-02-01', tput: 101 }),
      names,
    ),
  ).toContain('No configuration has gained 5\u00a0% or more');
  expect(
    findingOf(
      ...followed(
        { ...h200, on: '2026-01-01', tput: 100 },
        { ...h200, on: '2026-02-01', tput: 100, speed: 40 },
      ),
      names,
    ),
  ).toBe('No hardware qualifies any more.');
});

test('the newest change comes first, each with the result before it', () => {
  const [best] = followed(
    { ...b200, on: '2025-12-01', tput: 100 },
    { ...b200, on: '2026-02-01', tput: 300 },
    { ...h200, on: '2025-11-01', tput: 150 },
    { ...h200, on: '2026-03-01', tput: 160 },
  );
  const changes = changesOf(best);
  expect(changes.map(({ hw }) => hw)).toEqual(['h200', 'b200', 'b200', 'h200']);
  expect(changes.map(relativeOf)).toEqual([160 / 150 - 1, 2, null, null]);
});
