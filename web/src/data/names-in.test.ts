import { expect, test } from 'vitest';
import { namesIn } from './names-in.ts';

const names = namesIn({
  names: {
    models: [{ prefix: 'dsr1', title: 'DeepSeek R1 0528' }],
    engines: [{ framework: 'dynamo-trt', title: 'TensorRT-LLM via Dynamo', marker: 'diamond' }],
    hardware: [{ hw: 'gb300', title: 'GB300 NVL72' }],
  },
});

test('keys have the names of the index', () => {
  expect(names.model('dsr1')).toBe('DeepSeek R1 0528');
  expect(names.engine('dynamo-trt')).toBe('TensorRT-LLM via Dynamo');
  expect(names.hardware('gb300')).toBe('GB300 NVL72');
});

test('a key without a name is shown as it is, and every key before the index is loaded', () => {
  expect(names.hardware('mine')).toBe('mine');
  expect(namesIn(undefined).engine('dynamo-trt')).toBe('dynamo-trt');
});
