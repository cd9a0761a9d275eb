import { expect, test } from 'vitest';
import type { ListedSweep } from '../../../../src/server/api.ts';
import { offeredBy, sweepFilters, sweepsAsked } from './filters.ts';

const none = { runmodel: '', hw: '', engine: '', from: '' };
const run = (id: string, models: string[], hardware: string[], frameworks: string[]): ListedSweep => ({
  id,
  key: id,
  createdAt: '2026-01-01T00:00:00Z',
  command: 'run',
  source: 'run',
  state: 'finished',
  planned: null,
  measurements: { checked: 1, unchecked: 0, suspect: 0, invalid: 0 },
  gitSha: null,
  gitRef: null,
  url: null,
  models,
  hardware,
  onlyScored: [],
  frameworks,
  scores: 0,
});
const runs = [
  run('a', ['dsr1'], ['b200', 'h200'], ['sglang']),
  run('b', ['gptoss'], ['h200'], ['vllm']),
  run('c', ['dsr1'], ['h200'], ['trt']),
];
const ids = (values: Partial<typeof none>) => sweepsAsked(runs, { ...none, ...values }).map(({ id }) => id);

test('a run is listed if it matches all filters', () => {
  expect(ids({})).toEqual(['a', 'b', 'c']);
  expect(ids({ hw: 'b200' })).toEqual(['a']);
  expect(ids({ hw: 'h200', runmodel: 'dsr1' })).toEqual(['a', 'c']);
  expect(ids({ hw: 'b200', engine: 'vllm' })).toEqual([]);
});

test('a filter offers what the others leave, and keeps its chosen value', () => {
  const [, hardware] = sweepFilters;
  if (hardware === undefined) throw new Error('there is no such filter');
  expect(offeredBy(hardware, runs, { ...none, hw: 'b200', runmodel: 'gptoss' })).toEqual([
    { value: 'h200', count: 1 },
    { value: 'b200', count: 0 },
  ]);
});
