import { expect, test } from 'vitest';
import { payers } from '../../../src/derived/cost.ts';
import { costMeasure, throughputMeasure, yMeasures } from '../../../src/derived/measures.ts';
import { roleNote, unitAt } from './role-throughput.ts';

const [whole, split] = [{ series: { disagg: false } }, { series: { disagg: true } }];

test('a measure of one kind of token names the GPUs that divide it on a disaggregated server', () => {
  expect(unitAt(throughputMeasure('output'), split)).toBe('tok/s per decode GPU');
  expect(unitAt(throughputMeasure('input'), split)).toBe('tok/s per prefill GPU');
  expect(unitAt(throughputMeasure('output'), whole)).toBe('tok/s/GPU');
  expect(unitAt(throughputMeasure('total'), split)).toBe('tok/s/GPU');
  expect(unitAt(costMeasure('output', { payer: 'rental' }), split)).toBe('$/M tokens, decode GPUs only');
  expect(unitAt(costMeasure('output', { payer: 'rental' }, 'all'), split)).toBe('$/M tokens');
});

test('every measure that changes with the role of its GPUs says so, and no other', () => {
  const metric = () => 100;
  const gpu = {
    allInPowerKw: { value: 1 },
    usdPerGpuHour: Object.fromEntries(payers.map((payer) => [payer, { value: 2 }])),
  };
  for (const measure of yMeasures) {
    const figures = [
      { total: 8, input: 8, output: 8 },
      { total: 8, input: 4, output: 4 },
    ].map((gpus) => measure.of({ metric, gpus, gpu }));
    // Figures of one role are the same whatever the other role has; those of the whole server are not.
    const isOfRole = /^(input|output)-/.test(measure.key) && figures[0] === figures[1];
    expect(roleNote(measure, [whole, split]) !== '', measure.key).toBe(isOfRole);
    expect(roleNote(measure, [whole])).toBe('');
  }
});
