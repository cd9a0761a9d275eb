import { describe, expect, test } from 'vitest';
import { parseQuery } from '../state/params.ts';
import { questionParams } from '../state/question.ts';
import { shapeAddress, shapeName } from './points.ts';
import { chartFilters, shapesAsked } from './shapes-asked.ts';

describe('charts of one model', () => {
  const shapes = [
    { isl: 1024, osl: 1024 },
    { isl: 1024, osl: 1024, scenarioType: 'agentic-coding' },
    { isl: 8192, osl: 1024 },
    { isl: 1024, osl: 1024, scenarioType: 'shared-prefix', workload: 'help-desk@800989dbf3f5' },
  ];
  const askedShapes = (query: string) =>
    shapesAsked(shapes, parseQuery(questionParams, query)).map(shapeAddress);

  test('are chosen by their scenario; a chart without one has the default', () => {
    expect(askedShapes('')).toHaveLength(4);
    expect(askedShapes('scenario=agentic-coding')).toEqual(['1024/1024/agentic-coding']);
    expect(askedShapes('scenario=fixed-seq-len')).toEqual(['1024/1024', '8192/1024']);
    expect(askedShapes('scenario=unheard-of')).toHaveLength(4);
    expect(askedShapes('workload=help-desk@800989dbf3f5')).toEqual([
      '1024/1024/shared-prefix/help-desk@800989dbf3f5',
    ]);
    expect(chartFilters.map(({ label }) => label)).toEqual(['Scenario', 'Workload']);
  });

  test('have different names and addresses', () => {
    expect(new Set(shapes.map(shapeAddress)).size).toBe(4);
    expect(shapes.map(shapeName)).toEqual([
      '1k in / 1k out',
      'coding agents, up to 1k tokens',
      '8k in / 1k out',
      '1k in / 1k out, shared-prefix, help-desk@800989dbf3f5',
    ]);
  });
});
