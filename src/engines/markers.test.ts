import { symbol, symbolCircle } from 'd3-shape';
import { expect, test } from 'vitest';
import { engineShape } from '../../web/src/theme/engine-shapes.ts';
import { engineNames, engines, engineTitle, markers } from './index.ts';

const known = new Map(engineNames.map(({ framework, marker }) => [framework, marker]));

test('every known engine has a unique marker', () => {
  const paths = engines.map(({ framework }) => symbol(engineShape(framework, known), 64)());
  expect(new Set(paths).size).toBe(engines.length);
  expect(engineShape('vllm', known)).toBe(symbolCircle);
});

test('an engine keeps its marker under its public name, and other engines have different ones', () => {
  const signs = Map.groupBy(engineNames, ({ marker }) => marker);
  const shared = [...signs.values()].filter((several) => several.length > 1);
  expect(shared.map((several) => several.map(({ framework }) => framework))).toEqual([
    ['sglang-disagg', 'mori-sglang'],
  ]);
});

test('every engine has a display name; an unknown engine is shown by its key', () => {
  expect(engineTitle('dynamo-trt')).toBe('TensorRT-LLM via Dynamo');
  expect(engineTitle('mori-sglang')).toBe('SGLang with MoRI');
  expect(engineTitle('another-engine')).toBe('another-engine');
  expect(new Set(engineNames.map(({ title }) => title)).size).toBe(engineNames.length);
});

test('an engine that appears only in results has a marker, too, and always the same', () => {
  const shape = engineShape('another-engine', known);
  expect(symbol(shape, 64)()).toBeTruthy();
  expect(engineShape('another-engine', new Map())).toBe(shape);
});

test.each(markers)('a %s has the requested area', (marker) => {
  const path = symbol(engineShape('x', new Map([['x', marker]])), 100)() ?? '';
  const corners = [...path.matchAll(/[ML](-?[\d.e-]+),(-?[\d.e-]+)/g)].map(([, x, y]) => [
    Number(x),
    Number(y),
  ]);
  // Circles are drawn as arcs, and crosses with single-coordinate steps; d3 guarantees their area.
  if (corners.length < 3 || /[aAhvHV]/.test(path)) return;
  const area = corners.reduce((sum, [x = Number.NaN, y = Number.NaN], index) => {
    const [nextX = Number.NaN, nextY = Number.NaN] = corners[(index + 1) % corners.length] ?? [];
    return sum + (x * nextY - nextX * y) / 2;
  }, 0);
  expect(Math.abs(area)).toBeCloseTo(100, 0);
});
