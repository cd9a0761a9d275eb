import { expect, test } from 'vitest';
import type { BestOverTime } from '../../../../src/derived/best-over-time.ts';
import type { DecisionRow } from '../../../../src/derived/decision.ts';
import { changesOf, findingOf, relativeOf } from './best-rows.ts';

const dayS = (iso: string) => Date.parse(iso) / 1000;
const row = (hw: string, tputPerGpu: number, on: string): DecisionRow<string> => ({
  answer: {
    hw,
    tputPerGpu,
    at: { kind: 'measured', point: on },
    range: null,
    speed: 50,
    speedStatistic: 'median',
    ttftMs: null,
  },
  points: [on],
  accuracy: { state: 'unknown' },
  verdict: 'checked',
  measuredAtS: dayS(on),
  usdPerMillion: null,
  tokensPerSPerMw: null,
  kwPerMtokPerS: null,
  beyondTtft: null,
});
const held = (
  hw: string,
  ...moments: readonly (readonly [on: string, tput: number | null])[]
): BestOverTime<string> => ({
  hw,
  moments: moments.map(([on, tput]) => ({ atS: dayS(on), row: tput === null ? null : row(hw, tput, on) })),
});
const names = { model: String, engine: String, hardware: (hw: string) => hw.toUpperCase() };

const b200 = held('b200', ['2025-12-01', 100], ['2026-02-01', 300]);
const h200 = held('h200', ['2025-11-01', 150], ['2026-03-01', 160]);

test('names the leader, since when it leads, and who has improved the most', () => {
  expect(findingOf([b200, h200], names)).toBe(
    'B200 serves the most, 300\u00a0tok/s per GPU, and has led since 1 Feb 2026. B200 has improved the most: 3 times its first result, of 1 Dec 2025.',
  );
});

test('reports that nothing improved, and that there is no answer any more', () => {
  expect(findingOf([held('h200', ['2026-01-01', 100], ['2026-02-01', 101])], names)).toContain(
    'No hardware has gained 5\u00a0% or more',
  );
  expect(findingOf([held('h200', ['2026-01-01', 100], ['2026-02-01', null])], names)).toBe(
    'No hardware qualifies any more.',
  );
});

test('the newest change comes first, each with the result before it', () => {
  const changes = changesOf([b200, h200]);
  expect(changes.map(({ hw }) => hw)).toEqual(['h200', 'b200', 'b200', 'h200']);
  expect(changes.map(relativeOf)).toEqual([160 / 150 - 1, 2, null, null]);
});
