import { describe, expect, test } from 'vitest';
import { histogramSteps } from './histogram-picture.tsx';
import { lineSteps } from './line-picture.tsx';
import { describeStep, stepAtPlace, stepByKey } from './steps.ts';

const size = { width: 600, height: 230 };

describe('a step by a key', () => {
  test('starts at the end that the key comes from, and stops at both ends', () => {
    expect([stepByKey('ArrowRight', undefined, 3), stepByKey('ArrowLeft', undefined, 3)]).toEqual([0, 2]);
    expect([stepByKey('ArrowRight', 2, 3), stepByKey('ArrowLeft', 0, 3)]).toEqual([2, 0]);
    expect([stepByKey('Home', 1, 3), stepByKey('End', 1, 3)]).toEqual([0, 2]);
  });

  test('leaves other keys to the page, and all keys if there are no steps', () => {
    expect([stepByKey('ArrowDown', 1, 3), stepByKey('Tab', 1, 3)]).toEqual([undefined, undefined]);
    expect(stepByKey('ArrowRight', undefined, 0)).toBeUndefined();
  });

  test('continues from the last one if there are fewer than before', () => {
    expect([stepByKey('ArrowLeft', 9, 3), stepByKey('ArrowRight', 9, 3)]).toEqual([2, 2]);
  });
});

describe('steps of a distribution', () => {
  const marks = [
    { name: 'median', value: 20 },
    { name: 'p99', value: 95 },
  ];
  const { all } = histogramSteps({ edges: [10, 20, 40, 100], counts: [5, 3, 2], marks, unit: 'ms' }, size);

  test('show the number of samples, their share, and the marks in them', () => {
    // A sample at an edge is in the bin below it.
    expect(all.map(describeStep)).toEqual([
      '10 to 20\u00a0ms; Samples 5; Share 50\u00a0%; Up to here 50\u00a0%; median 20\u00a0ms',
      '20 to 40\u00a0ms; Samples 3; Share 30\u00a0%; Up to here 80\u00a0%',
      '40 to 100\u00a0ms; Samples 2; Share 20\u00a0%; Up to here 100\u00a0%; p99 95\u00a0ms',
    ]);
  });

  test('are found by any place over their bin; outside of the plot, the nearest one', () => {
    for (const [index, { from, to }] of all.entries())
      expect(stepAtPlace(all, { x: (from + to) / 2, y: 0 })).toBe(index);
    expect([stepAtPlace(all, { x: 0, y: 0 }), stepAtPlace(all, { x: 599, y: 0 })]).toEqual([0, 2]);
  });
});

test('points of a line reach half way to their neighbours, also those without a figure', () => {
  const points = [
    { x: 0, y: 1 },
    { x: 10, y: null },
    { x: 20, y: 3 },
  ];
  const { all, plot } = lineSteps(points, size, 'samples', ({ x }) => ({ title: `${x}`, rows: [] }));
  expect(all.map(({ at }) => at === null)).toEqual([false, true, false]);
  expect(stepAtPlace(all, { x: plot.x(4.9), y: 0 })).toBe(0);
  expect(stepAtPlace(all, { x: plot.x(5.1), y: 0 })).toBe(1);
  expect(stepAtPlace(all, { x: plot.x(15.1), y: 0 })).toBe(2);
  expect([all[0]?.from, all[2]?.to]).toEqual(plot.area.x);
});
