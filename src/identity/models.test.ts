import { expect, test } from 'vitest';
import { layoutName, models, modelsMeant, modelTitle, publishedModel, publishedName } from './index.ts';

test.each([
  ['dsr1', ['dsr1']],
  ['DeepSeek R1 0528', ['dsr1']],
  ['deepseek-r1-0528', ['dsr1']],
  ['gptoss120b', ['gptoss']],
  ['GLM-5', ['glm5', 'glm5.1']],
  ['no-such-model', []],
])('%s means %j', (name, prefixes) => {
  expect(modelsMeant(name).map(({ prefix }) => prefix)).toEqual(prefixes);
});

test('every model is found by each of its names, and no two share a prefix or key', () => {
  for (const model of models) {
    const { prefix, title, publishedKey = prefix } = model;
    for (const name of [prefix, title, publishedKey]) expect(modelsMeant(name)).toContain(model);
    expect(publishedModel(publishedKey)).toBe(model);
  }
  expect(new Set(models.map(({ prefix }) => prefix)).size).toBe(models.length);
  expect(new Set(models.map(({ title }) => title)).size).toBe(models.length);
});

test('a model without a display name is shown by its key everywhere', () => {
  expect(modelTitle('mine')).toBe('mine');
  expect(publishedName('mine')).toBe('mine');
  expect(publishedModel('mine')).toEqual({ prefix: 'mine', title: 'mine' });
});

test('the layout of an engine with unknown parallelism is its GPU counts', () => {
  const row = {
    hw: 'gb200',
    conc: 4,
    image: 'unknown',
    model: 'm',
    infmax_model_prefix: 'dsr1',
    framework: 'dynamo-trt',
    precision: 'fp4',
    spec_decoding: 'none',
    disagg: true,
    isl: 1024,
    osl: 1024,
    is_multinode: true,
    num_prefill_gpu: 4,
    num_decode_gpu: 32,
  };
  expect(layoutName(row)).toBe('prefill 4 GPUs + decode 32 GPUs');
});
