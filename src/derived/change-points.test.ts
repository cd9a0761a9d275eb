import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changePoints } from './change-points.ts';

/** Reproducible samples of a standard normal distribution. */
function normals(seed: number, count: number): number[] {
  let state = seed >>> 0;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}

describe('changePoints', () => {
  test('finds the position of a 10 % step in 2 % noise', () => {
    const values = normals(7, 40).map((noise, index) => (index < 25 ? 1000 : 1100) * (1 + 0.02 * noise));
    const [change, ...more] = changePoints(values);
    expect(more).toEqual([]);
    expect(change?.index).toBe(25);
    expect(change?.before).toBeCloseTo(1000, -2);
    expect((change?.after ?? 0) / (change?.before ?? 1)).toBeCloseTo(1.1, 1);
  });

  test('finds one step, and two steps, without noise', () => {
    const values = [...Array(6).fill(10), ...Array(6).fill(12), ...Array(6).fill(9)];
    expect(changePoints(values).map(({ index }) => index)).toEqual([6, 12]);
  });

  test('mistakes noise for a change in at most 5 of 100 series', () => {
    const found = Array.from({ length: 100 }, (_, seed) =>
      changePoints(normals(seed + 1, 60).map((noise) => 500 * (1 + 0.03 * noise))),
    );
    expect(found.filter((changes) => changes.length > 0).length).toBeLessThanOrEqual(5);
  });

  test('one outlier is not a change', () => {
    const values = normals(3, 30).map((noise, index) => (index === 12 ? 2000 : 1000) * (1 + 0.01 * noise));
    expect(changePoints(values)).toEqual([]);
  });

  test('does not depend on the unit, and finds nothing in few or non-positive values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.5, max: 2, noNaN: true }), { maxLength: 30 }),
        fc.integer({ min: -8, max: 8 }),
        (values, power) => {
          const scaled = changePoints(values.map((value) => value * 2 ** power));
          expect(scaled.map(({ index }) => index)).toEqual(changePoints(values).map(({ index }) => index));
        },
      ),
    );
    expect(changePoints([1, 2, 3])).toEqual([]);
    expect(changePoints([1, 1, 1, 0, 2, 2, 2])).toEqual([]);
  });
});

test('each level is a measured value, and the step is at the right position', () => {
  // An engine that nearly doubled within a day, and rose in two steps a month later.
  const values = [114.8, 219, 219.5, 219.2, 272.6, 319.8, 323.5, 324.8, 335.9, 324.7, 327.9, 327.1];
  expect(changePoints(values)).toEqual([
    { index: 1, before: 114.8, after: 219.2 },
    { index: 5, before: 219.2, after: 324.8 },
  ]);
});

test('a single value close to the new level marks the step, even if the next values came months later', () => {
  const values = [4459, 4423, 4440, 4470, 4458, 4449, 4451, 4430, 5145, 5390, 5357, 5297];
  expect(changePoints(values)).toEqual([{ index: 8, before: 4449, after: 5357 }]);
});

test('an outlier between two levels is not a level', () => {
  expect(changePoints([430.4, 429.6, 429.6, 430.2, 433.8, 271.7, 439.7, 439.5, 438.9])).toEqual([
    { index: 6, before: 429.6, after: 439.5 },
  ]);
});
