import { expect, test } from 'vitest';
import { placeLabels } from './labels.ts';

const area = { x0: 0, x1: 600, y0: 0, y1: 400 };

test('labels stay inside the plot and apart from each other', () => {
  const lines = Array.from({ length: 8 }, (_, index) => ({
    text: `h${index}00 · engine · fp8`,
    points: [
      { x: 5, y: 20 + index * 30 },
      { x: 300, y: 150 + index * 20 },
      { x: 595, y: 390 },
    ],
  }));
  const labels = [...placeLabels(lines, area, 12).values()];
  expect(labels.length).toBeGreaterThanOrEqual(6);
  const rows = labels.map(({ y, x }) => ({ x, y }));
  for (const [index, a] of rows.entries()) {
    expect(a.y).toBeGreaterThan(0);
    for (const b of rows.slice(index + 1)) {
      expect(Math.abs(a.y - b.y) > 12 || Math.abs(a.x - b.x) > 100).toBe(true);
    }
  }
});

test('a line without room has no label rather than one that lies on another', () => {
  const crowded = Array.from({ length: 30 }, (_, index) => ({
    text: `series ${index}`,
    points: [{ x: 300, y: 200 }],
  }));
  expect(placeLabels(crowded, area, 12).size).toBeLessThan(30);
});
