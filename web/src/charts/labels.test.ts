import fc from 'fast-check';
import { expect, test } from 'vitest';
import { axisName, fittedLabel, spread } from './labels.ts';
import { fontSize, textWidth } from './size.ts';

const anyPlaces = fc.array(fc.double({ min: 0, max: 400, noNaN: true }), { maxLength: 20 });

test('labels keep their distance and order, and stay inside if there is room', () => {
  fc.assert(
    fc.property(anyPlaces, (at) => {
      const wanted = at.map((place, index) => ({ key: String(index), at: place }));
      const places = spread(wanted, 15, [0, 400]);
      const sorted = wanted.toSorted((a, b) => a.at - b.at).map(({ key }) => places.get(key) ?? Number.NaN);
      for (const [index, place] of sorted.entries()) {
        expect(place).toBeGreaterThanOrEqual(-1e-9);
        expect(place).toBeLessThanOrEqual(400 + 1e-9);
        if (index > 0) expect(place - (sorted[index - 1] ?? 0)).toBeGreaterThanOrEqual(15 - 1e-9);
      }
    }),
  );
});

test('a label with enough space keeps its place', () => {
  expect(
    spread(
      [
        { key: 'a', at: 100 },
        { key: 'b', at: 200 },
      ],
      15,
      [0, 400],
    ),
  ).toEqual(
    new Map([
      ['a', 100],
      ['b', 200],
    ]),
  );
});

test('a name is complete if it fits, else keeps its number, and never exceeds its space', () => {
  expect(fittedLabel('Instinct MI325X', 200)).toBe('Instinct MI325X');
  expect(fittedLabel('Instinct MI325X', 95)).toBe('MI325X');
  expect(fittedLabel('GB300 NVL72', 60)).toMatch(/^GB300.*…$/);
  expect(fittedLabel('TensorRT-LLM, FP8', 90)).toMatch(/^TensorRT.*…$/);
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), fc.integer({ min: 20, max: 300 }), (name, room) => {
      expect(textWidth(fittedLabel(name, room), fontSize)).toBeLessThanOrEqual(room);
    }),
  );
});

test('the name of an axis is complete if it fits, else without which direction is better', () => {
  expect(axisName('Median TTFT (ms), lower is better', 400)).toBe('Median TTFT (ms), lower is better');
  expect(axisName('Median TTFT (ms), lower is better', 150)).toBe('Median TTFT (ms)');
});
