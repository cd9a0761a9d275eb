import { expect, test } from 'vitest';
import { randomNumbers, somePoint, syntheticRow } from '../../../test/support/synthetic-results.ts';
import { gpuCountsOf } from './point-columns.ts';

const row = syntheticRow(somePoint, randomNumbers(1));

test.each([
  ['one node', { is_multinode: false }, { total: 24, input: 24, output: 24 }],
  [
    'prefill and decode apart',
    { is_multinode: true, num_prefill_gpu: 8, num_decode_gpu: 16 },
    { total: 24, input: 8, output: 16 },
  ],
  [
    'several nodes, each doing both',
    { is_multinode: true, num_prefill_gpu: 24, num_decode_gpu: 0 },
    { total: 24, input: 24, output: 24 },
  ],
])('tokens of %s are divided by the GPUs that did the work', (_, layout, counts) => {
  expect(gpuCountsOf({ row: { ...row, ...layout }, gpus: 24 })).toEqual(counts);
});
