import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type EndedLine, endLabels, labelHeight } from './end-labels.ts';
import { boldness } from './labels.ts';
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
  expect(places.get('a')).toEqual({ x: 127, y: 320, isApart: false });
  expect(places.get('b')).toEqual({ x: area.x[1] + 10, y: 90, isApart: true });
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
  expect(endLabels([line, crossing], plot).get('a')?.isApart).toBe(true);
  const box = { left: 130, right: 135, top: 295, bottom: 305 };
  expect(endLabels([line], plot, [box]).get('a')?.isApart).toBe(true);
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
