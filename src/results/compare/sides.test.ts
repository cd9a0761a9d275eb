import { expect, test } from 'vitest';
import { somePoint, syntheticRow } from '../../../test/support/synthetic-results.ts';
import { repeatsOf, type SourcePoint } from './sides.ts';

/** A measurement of one point, named by the night that it was made in. */
function measured(night: number, environment: string): SourcePoint {
  return {
    id: String(night),
    configurationId: 'one',
    environment,
    measuredAt: new Date(Date.UTC(2026, 0, 1 + night)).toISOString(),
    verdict: 'checked',
    reasons: [],
    client: 'inferencemax',
    productVersion: null,
    confidence95: {},
    row: syntheticRow({ ...somePoint, conc: 4 }, () => 0.5),
  };
}

/** The groups of repeats, by the nights in them, of a comparison of two nights. */
function groups(environments: readonly string[], a: number, b: number): string[][] {
  const all = environments.map((environment, night) => measured(night, environment));
  const side = (night: number) => ({
    name: String(night),
    points: all.filter((_, index) => index === night),
    others: all.filter((_, index) => index !== night),
  });
  const found = repeatsOf(side(a), side(b)).map(({ points }) => points.map(({ id }) => id).toSorted());
  return found.toSorted();
}

test('a side is a repeat of what else was measured in its environment', () => {
  expect(groups(['old', 'old', 'new'], 0, 2)).toEqual([['0', '1']]);
  expect(groups(['old', 'old', 'new', 'new'], 1, 2)).toEqual([
    ['0', '1'],
    ['2', '3'],
  ]);
});

test('in one environment, differences between the sides are not counted as noise', () => {
  expect(groups(['same', 'same'], 0, 1)).toEqual([]);
  expect(groups(Array(6).fill('same'), 1, 4)).toEqual([
    ['0', '1'],
    ['2', '3'],
    ['4', '5'],
  ]);
  expect(groups(Array(6).fill('same'), 4, 1)).toEqual(groups(Array(6).fill('same'), 1, 4));
});
