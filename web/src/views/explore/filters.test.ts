import { describe, expect, test } from 'vitest';
import { shapeAddress, shapeName } from '../../data/points.ts';
import { parseQuery } from '../../state/params.ts';
import { testPoints } from '../../testing/points.ts';
import { chartFilters, choicesOf, facets, filtered, shapesAsked, switched } from './filters.ts';
import { exploreParams } from './params.ts';

const points = testPoints([
  { hw: 'h200', precision: 'fp8' },
  { hw: 'h200', precision: 'fp8', framework: 'vllm' },
  { hw: 'b200', precision: 'fp4' },
]);
const asked = (query: string) => filtered(points, parseQuery(exploreParams, query)).map(({ id }) => id);
const [precision, hw] = facets;

describe('filters', () => {
  test('one precision is shown until more are asked for: the most frequent one', () => {
    expect(asked('')).toEqual(['point-0', 'point-1']);
    expect(asked('precision=fp4')).toEqual(['point-2']);
    expect(asked('precision=all')).toEqual(['point-0', 'point-1', 'point-2']);
  });

  test('a precision that this shape does not have falls back to one that it has', () => {
    expect(asked('precision=int3')).toEqual(['point-0', 'point-1']);
  });

  test('every filter narrows what the others leave', () => {
    expect(asked('precision=all&hw=h200&engine=vllm')).toEqual(['point-1']);
    expect(asked('precision=all&disagg=yes')).toEqual([]);
  });

  test('switching a value on and off comes back to where it was', () => {
    if (precision === undefined || hw === undefined) throw new Error('facets are missing');
    const choices = (query: string, facet = hw) => choicesOf(facet, points, parseQuery(exploreParams, query));
    expect(switched(hw, choices(''), 'b200')).toEqual(['h200']);
    expect(switched(hw, choices('hw=h200'), 'b200')).toEqual([]);
    expect(switched(precision, choices('', precision), 'fp4')).toEqual(['all']);
    expect(choices('', precision)).toEqual([
      { value: 'fp8', count: 2, chosen: true },
      { value: 'fp4', count: 1, chosen: false },
    ]);
  });
});

describe('charts of one model', () => {
  const shapes = [
    { isl: 1024, osl: 1024 },
    { isl: 1024, osl: 1024, scenarioType: 'agentic-coding' },
    { isl: 8192, osl: 1024 },
  ];
  const askedShapes = (query: string) =>
    shapesAsked(shapes, parseQuery(exploreParams, query)).map(shapeAddress);

  test('are chosen by their scenario, which an absent one is the default of', () => {
    expect(askedShapes('')).toHaveLength(3);
    expect(askedShapes('scenario=agentic-coding')).toEqual(['1024/1024/agentic-coding']);
    expect(askedShapes('scenario=fixed-seq-len')).toEqual(['1024/1024', '8192/1024']);
    expect(askedShapes('scenario=unheard-of')).toHaveLength(3);
    expect(chartFilters.map(({ label }) => label)).toEqual(['Scenario']);
  });

  test('have names and addresses of their own', () => {
    expect(new Set(shapes.map(shapeAddress)).size).toBe(3);
    expect(shapes.map(shapeName)).toEqual([
      '1k in / 1k out',
      '1k in / 1k out, agentic-coding',
      '8k in / 1k out',
    ]);
  });
});
