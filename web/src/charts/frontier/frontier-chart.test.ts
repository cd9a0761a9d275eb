import { describe, expect, test } from 'vitest';
import {
  costMeasure,
  e2eInteractivityMeasure,
  interactivityMeasure,
  latencyMeasure,
  measuredEnergyMeasure,
  throughputMeasure,
} from '../../../../src/derived/measures.ts';
import { testPoints } from '../../testing/points.ts';
import { dotColumns, rowsOf } from '../../views/explore/columns.ts';
import { layoutOf, nearestDot, windowOf } from './layout.ts';
import { frontierPoints, modelledSeriesOf, plotSeriesOf } from './plot-series.ts';
import { panned, pinched, windowBetween, zoomed } from './zoom.ts';

const axes = { x: interactivityMeasure('median'), y: throughputMeasure('total') };
const at = (medianInteractivity: number, totalTputPerGpu: number, more = {}) => ({
  metrics: { medianInteractivity, totalTputPerGpu },
  ...more,
});
const look = { mode: 'light', markers: new Map() } as const;
const size = { width: 600, height: 400 };

describe('frontierPoints', () => {
  test('are the best of each hardware type by other axes than those shown; an unfolded one has a frontier per series', () => {
    const of = (p90E2eInteractivity: number, totalTputPerGpu: number, more = {}) => ({
      metrics: { p90E2eInteractivity, totalTputPerGpu },
      ...more,
    });
    const points = testPoints([
      of(20, 100),
      of(10, 90),
      of(30, 50, { framework: 'vllm' }),
      of(19, 60, { framework: 'vllm' }),
      of(15, 95, { framework: 'vllm' }),
      of(1, 1, { hw: 'b200' }),
    ]);
    const byRequests = { x: e2eInteractivityMeasure('p90'), y: throughputMeasure('total') };
    const ids = (open: readonly string[]) =>
      frontierPoints(points, byRequests, new Map(), { open })
        .map(({ id }) => id)
        .toSorted();
    expect(ids([])).toEqual(['point-0', 'point-2', 'point-5']);
    expect(ids(['h200'])).toEqual(['point-0', 'point-2', 'point-3', 'point-4', 'point-5']);
  });
});

describe('plotSeriesOf', () => {
  test('a point without one of the two figures is left out, and the others stay', () => {
    const points = testPoints([at(10, 100), { metrics: { totalTputPerGpu: 50 } }, at(20, 80)]);
    const [series] = plotSeriesOf(points, axes, new Map(), look);
    expect(series?.dots.map(({ x, y }) => [x, y])).toEqual([
      [10, 100],
      [20, 80],
    ]);
    expect(plotSeriesOf(points, { ...axes, x: latencyMeasure('p99', 'Ttft') }, new Map(), look)).toEqual([]);
  });

  test('earlier results do not affect later ones with fewer points or with other GPU constants', () => {
    const points = testPoints([at(10, 100), at(20, 80), at(15, 90, { hw: 'b200' }), at(5, 120)]);
    const cost = () => ({ x: interactivityMeasure('median'), y: costMeasure('total', { payer: 'rental' }) });
    const priced = (value: number) =>
      new Map(
        ['h200', 'b200'].map((gpu) => [
          gpu,
          {
            allInPowerKw: { value: 1 },
            usdPerGpuHour: { hyperscaler: { value }, neocloud: { value }, rental: { value } },
          },
        ]),
      );
    const kept = cost();
    const shownOf = (axesShown: typeof kept, some: typeof points, price: number) =>
      plotSeriesOf(some, axesShown, priced(price), look).map(({ key, dots, frontier }) => [
        key,
        dots.map(({ x, y, onFrontier }) => [x, y, onFrontier]),
        frontier.length,
      ]);
    for (const some of [points, points.slice(0, 3), points.slice(0, 1), points])
      for (const price of [1, 2]) expect(shownOf(kept, some, price)).toEqual(shownOf(cost(), some, price));
  });

  test('modelled values are separate series with another mark and name, for points without measured ones, too', () => {
    const y = measuredEnergyMeasure('output');
    if (y.modelled === undefined) throw new Error('no modelled measure');
    const served = { medianInteractivity: 10, outputTputPerGpu: 1000 };
    const points = testPoints([
      { metrics: { ...served, measuredPowerPerGpuW: 500 } },
      { metrics: served, hw: 'b200' },
    ]);
    const gpus = new Map(
      ['h200', 'b200'].map((gpu) => [gpu, { allInPowerKw: { value: 1.5 }, usdPerGpuHour: {} }]),
    );
    const grouping = { open: [], lines: new Map(), hardware: (hw: string) => hw, engine: String };
    const x = axes.x;
    const measured = plotSeriesOf(points, { x, y }, gpus, look, grouping);
    const modelled = modelledSeriesOf(points, { x, y: y.modelled }, gpus, look, grouping);
    expect(measured.map(({ name, dots }) => [name, dots[0]?.y])).toEqual([['h200', 0.5]]);
    expect(modelled.map(({ name, dots }) => [name, dots[0]?.y])).toEqual([
      ['h200, modelled', 1.5],
      ['b200, modelled', 1.5],
    ]);
    const [one, other] = [measured[0], modelled[0]];
    expect(other?.look.colour).toBe(one?.look.colour);
    expect(other?.look).toMatchObject({ hollow: true, dash: expect.stringMatching(/\d/) });
    expect(other?.look.marker).not.toBe(one?.look.marker);
    expect(other?.key).not.toBe(one?.key);
    // In the table, the two are in different columns.
    const columns = dotColumns({ x, y }, y.modelled);
    const values = rowsOf([...measured, ...modelled]).map((row) =>
      columns.filter(({ key }) => / \(J\/token\)$/.test(key)).map(({ value }) => value(row)),
    );
    expect(values).toEqual([
      [0.5, null],
      [null, 1.5],
      [null, 1.5],
    ]);
  });

  test('the frontier follows the direction of its axes', () => {
    const points = testPoints([
      { metrics: { medianE2elMs: 100, totalTputPerGpu: 10 } },
      { metrics: { medianE2elMs: 200, totalTputPerGpu: 30 } },
      { metrics: { medianE2elMs: 300, totalTputPerGpu: 20 } },
    ]);
    const [series] = plotSeriesOf(points, { ...axes, x: latencyMeasure('median', 'E2el') }, new Map(), look);
    expect(series?.frontier.map(({ x }) => x)).toEqual([0.1, 0.2]);
  });

  test('the interval of a cost comes from the interval of its throughput', () => {
    const usd = (value: number) => ({ value });
    const gpu = {
      allInPowerKw: { value: 1 },
      usdPerGpuHour: { hyperscaler: usd(3.6), neocloud: usd(1), rental: usd(1) },
    };
    const points = testPoints([at(10, 1000, { intervals: { totalTputPerGpu: [500, 2000] } })]);
    const [series] = plotSeriesOf(
      points,
      { ...axes, y: costMeasure('total', { payer: 'hyperscaler' }) },
      new Map([['h200', gpu]]),
      look,
    );
    expect(series?.dots[0]).toMatchObject({ y: 1, yInterval: [0.5, 2], xInterval: null });
  });
});

describe('a layout', () => {
  const all = plotSeriesOf(
    testPoints([at(10, 100), at(90, 20), at(5000, 9, { hw: 'b200' })]),
    axes,
    new Map(),
    look,
  );
  const [h200] = all;
  const shown = h200 === undefined ? [] : [h200];
  const layout = layoutOf(shown, size);

  test('has axes over the visible series only', () => {
    expect(layout.x.domain()[1]).toBeLessThan(200);
    expect(layoutOf(all, size).x.domain()[1]).toBeGreaterThanOrEqual(5000);
  });

  test('finds the point under the pointer, if there is one', () => {
    const near = nearestDot(shown, layout, { x: layout.x(90) + 4, y: layout.y(20) - 4 }, 24);
    expect(near?.dot.point.id).toBe('point-1');
    expect(nearestDot(shown, layout, { x: layout.x(50), y: layout.y(90) }, 24)).toBeUndefined();
  });

  test('zooms around a place, pans, and shows what a drag selected', () => {
    const [x0, x1, y0, y1] = windowBetween(
      layout,
      { x: layout.x(20), y: layout.y(80) },
      { x: layout.x(60), y: layout.y(40) },
    ) ?? [0, 0, 0, 0];
    expect([x0, x1, y0, y1].map(Math.round)).toEqual([20, 60, 40, 80]);
    expect(windowBetween(layout, { x: 100, y: 100 }, { x: 103, y: 300 })).toBeUndefined();
    const closer = layoutOf(shown, size, {
      window: zoomed(layout, 0.5, { x: layout.x(50), y: layout.y(50) }),
    });
    expect(closer.x(50)).toBeCloseTo(layout.x(50), 6);
    const back = layoutOf(shown, size, {
      window: panned(layoutOf(shown, size, { window: panned(layout, 40, -25) }), -40, 25),
    });
    for (const [index, bound] of windowOf(back).entries())
      expect(bound).toBeCloseTo(windowOf(layout)[index] ?? 0, 6);
  });

  test('a pinch keeps the place between the fingers and zooms by the change of their distance', () => {
    const middle = { x: layout.x(50), y: layout.y(50) };
    const pair = (half: number, dx: number, dy: number) =>
      [
        { x: middle.x + dx - half, y: middle.y + dy },
        { x: middle.x + dx + half, y: middle.y + dy },
      ] as const;
    const closer = layoutOf(shown, size, { window: pinched(layout, pair(40, 0, 0), pair(80, 30, -20)) });
    expect(closer.x(50)).toBeCloseTo(middle.x + 30, 6);
    expect(closer.y(50)).toBeCloseTo(middle.y - 20, 6);
    const widthOf = ({ x }: typeof layout) => (x.domain()[1] ?? 0) - (x.domain()[0] ?? 0);
    expect(widthOf(layout) / widthOf(closer)).toBeCloseTo(2, 6);
  });
});
