import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runs } from '../../../test/support/runs.ts';
import { boxOf, crosses, overlaps } from './boxes.ts';
import { type EndedLine, endLabels } from './end-labels.ts';
import { boldness, labelHeight } from './labels.ts';
import { levelReads } from './level-reads.ts';
import { plotOf } from './plot.ts';
import { fontSize, textWidth } from './size.ts';

const plot = plotOf(
  { width: 700, height: 400 },
  { top: 20, right: 100 },
  { exact: [0, 1] },
  { exact: [0, 1] },
);
const { area } = plot;

test('a name is behind the end of its line if it fits there, else next to the plot', () => {
  const short: EndedLine = {
    key: 'a',
    name: 'MI300X',
    path: [
      { x: 60, y: 300 },
      { x: 120, y: 320 },
    ],
  };
  const long: EndedLine = {
    key: 'b',
    name: 'GB300 NVL72',
    path: [
      { x: 60, y: 60 },
      { x: area.x[1], y: 90 },
    ],
  };
  const places = endLabels([short, long], plot);
  expect(places.get('a')).toEqual({ x: 127, y: 320, leader: null });
  expect(places.get('b')).toMatchObject({ x: area.x[1] + 10, y: 90 });
  expect(places.get('b')?.leader).not.toBeNull();
});

test('a name covers neither lines nor reserved areas', () => {
  const line = {
    key: 'a',
    name: 'MI300X',
    path: [
      { x: 60, y: 300 },
      { x: 120, y: 300 },
    ],
  };
  const crossing = {
    key: 'b',
    name: 'H200',
    path: [
      { x: 140, y: 60 },
      { x: 140, y: 350 },
    ],
  };
  expect(endLabels([line, crossing], plot).get('a')?.leader).not.toBeNull();
  const box = { left: 130, right: 135, top: 295, bottom: 305 };
  expect(endLabels([line], plot, [box]).get('a')?.leader).not.toBeNull();
});

test('names never overlap', () => {
  const place = fc.record({
    x: fc.double({ min: area.x[0], max: area.x[1], noNaN: true }),
    y: fc.double({ min: area.y[1], max: area.y[0], noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(fc.array(place, { minLength: 1, maxLength: 5 }), { maxLength: 12 }), (paths) => {
      const lines = paths.map((path, index) => ({ key: String(index), name: `Instinct ${index}`, path }));
      const places = endLabels(lines, plot);
      expect(places.size).toBe(lines.length);
      const boxes = lines.flatMap(({ key, name }) => {
        const at = places.get(key);
        return at === undefined ? [] : [{ ...at, right: at.x + boldness * textWidth(name, fontSize) }];
      });
      for (const [index, one] of boxes.entries())
        for (const other of boxes.slice(index + 1)) {
          const isApart =
            Math.abs(one.y - other.y) >= labelHeight - 1e-9 || one.right <= other.x || other.right <= one.x;
          expect(isApart).toBe(true);
        }
    }),
  );
});

const place = fc.record({
  x: fc.double({ min: area.x[0], max: area.x[1], noNaN: true }),
  y: fc.double({ min: area.y[1], max: area.y[0], noNaN: true }),
});
const anyPaths = fc.array(fc.array(place, { minLength: 1, maxLength: 5 }), { maxLength: 9 });

test('no line strikes through a name or a value beside its line, and every value has a place', () => {
  fc.assert(
    fc.property(anyPaths, fc.double({ min: 0, max: 1, noNaN: true }), (paths, share) => {
      const lines = paths.map((path, index) => ({
        key: String(index),
        name: `Instinct ${index}`,
        path,
        read: { value: index / 10, text: `≈ 1${index},000` },
      }));
      const ends = endLabels(lines, plot);
      const leaders = [...ends.values()].flatMap(({ leader }) => (leader === null ? [] : [leader]));
      const names = lines.flatMap(({ key, name }) => {
        const at = ends.get(key);
        return at === undefined ? [] : boxOf(name, at);
      });
      const reads = levelReads(lines, { plot, level: plot.x(share), taken: names, leaders });
      expect(reads.left).toEqual([]);
      expect(reads.placed.size).toBe(lines.length);
      const values = [...reads.placed.values()].map((read) => boxOf(read.text, read));
      const beside = [...reads.placed.values()].flatMap((read) =>
        read.leader === null ? boxOf(read.text, read) : [],
      );
      // Names beside the plot have no line behind them.
      const inside = names.filter(({ left }) => left < area.x[1]);
      for (const box of [...inside, ...beside])
        for (const line of [...paths, ...leaders]) expect(crosses(line, box)).toBe(false);
      for (const [index, value] of values.entries())
        for (const other of [...names, ...values.slice(index + 1)])
          expect(overlaps(value, other)).toBe(false);
    }),
    { numRuns: runs(60) },
  );
});

test('values that do not fit beside their lines stand apart at a thin line, and the rest is counted', () => {
  const crowd = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      key: String(index),
      path: [
        { x: area.x[0], y: plot.y(0.5) },
        { x: area.x[1], y: plot.y(0.5) },
      ],
      read: { value: 0.5, text: `≈ 1${index},000` },
    }));
  const options = { plot, level: plot.x(0.5), taken: [], leaders: [] };
  const { placed, left } = levelReads(crowd(12), options);
  expect(left).toEqual([]);
  const apart = [...placed.values()].flatMap(({ leader }) => (leader === null ? [] : [leader]));
  expect(apart.length).toBeGreaterThan(0);
  for (const [from] of apart) expect(from).toEqual({ x: plot.x(0.5), y: plot.y(0.5) });
  const many = levelReads(crowd(300), options);
  expect(many.left.length).toBeGreaterThan(0);
  expect(many.placed.size + many.left.length).toBe(300);
});

test('a value is above or below its line, on which it would be struck through', () => {
  const path = [
    { x: area.x[0], y: plot.y(0.5) },
    { x: area.x[1], y: plot.y(0.5) },
  ];
  const reads = levelReads([{ key: 'a', path, read: { value: 0.5, text: '14,551' } }], {
    plot,
    level: plot.x(0.5),
    taken: [],
    leaders: [],
  });
  expect(Math.abs((reads.placed.get('a')?.y ?? 0) - plot.y(0.5))).toBeGreaterThan(labelHeight / 2);
});
