import { describe, expect, test } from 'vitest';
import { meaningNote } from '../../../../src/derived/meaning.ts';
import { parseQuery } from '../../state/params.ts';
import { testPoints } from '../../testing/points.ts';
import { choicesOf, facets, filtered, switched } from './filters.ts';
import { exploreParams } from './params.ts';

const points = testPoints([
  { hw: 'h200', precision: 'fp8' },
  { hw: 'h200', precision: 'fp8', framework: 'vllm' },
  { hw: 'b200', precision: 'fp4' },
]);
const asked = (query: string) => filtered(points, parseQuery(exploreParams, query)).map(({ id }) => id);
const [precision, hw] = facets;

describe('filters', () => {
  test('everything is shown by default', () => {
    expect(asked('')).toEqual(['point-0', 'point-1', 'point-2']);
    expect(asked('precision=fp4')).toEqual(['point-2']);
    expect(asked('precision=all')).toEqual(['point-0', 'point-1', 'point-2']);
  });

  test('a precision that the shape does not have is ignored', () => {
    expect(asked('precision=int3')).toEqual(['point-0', 'point-1', 'point-2']);
  });

  test('a comparison has the precisions of the chart, and never others instead', () => {
    const then = testPoints([{ hw: 'b200', precision: 'fp4' }]);
    const values = parseQuery(exploreParams, 'precision=fp8');
    expect(filtered(then, values, points)).toEqual([]);
  });

  test('filters combine', () => {
    expect(asked('hw=h200&engine=vllm')).toEqual(['point-1']);
    expect(asked('disagg=yes')).toEqual([]);
  });

  test('toggling a value twice changes nothing', () => {
    if (precision === undefined || hw === undefined) throw new Error('facets are missing');
    const choices = (query: string, facet = hw) => choicesOf(facet, points, parseQuery(exploreParams, query));
    expect(switched(choices(''), 'b200')).toEqual(['h200']);
    expect(switched(choices('hw=h200'), 'b200')).toEqual([]);
    expect(choices('', precision)).toEqual([
      { value: 'fp8', count: 2, chosen: true },
      { value: 'fp4', count: 1, chosen: true },
    ]);
  });
});

test('points of versions with different meanings are distinguished', () => {
  const points = testPoints([{ version: '0.1.0' }, { version: '0.2.0' }]);
  expect(meaningNote(points.map(({ version }) => version))).toMatch(/by version 0\.1\.0, some by 0\.2\.0/);
  expect(meaningNote(points.slice(1).map(({ version }) => version))).toBeUndefined();
});
