import { expect, test } from 'vitest';
import { loadGpuConstants } from '../../config/index.ts';
import { aggregateRowSchema } from '../../results/index.ts';
import { reproduce } from './reproduce.ts';

const row = aggregateRowSchema.parse({
  ...{ hw: 'b200', conc: 32, image: 'nvcr.io/trt:1', model: 'deepseek-ai/DeepSeek-R1-0528' },
  ...{
    infmax_model_prefix: 'dsr1',
    framework: 'trt',
    precision: 'fp8',
    spec_decoding: 'none',
    disagg: false,
  },
  ...{ isl: 1024, osl: 1024, is_multinode: false, tp: 8, ep: 1, dp_attention: 'false' },
  ...{ tput_per_gpu: 1, output_tput_per_gpu: 1, input_tput_per_gpu: 1 },
});
const config = { modelPrefix: 'dsr1', precision: 'fp8', framework: 'trt' };
const of = async (pools: readonly string[]) => ({
  gpus: await loadGpuConstants(),
  configs: new Map(pools.map((hw) => [`config-${hw}`, { ...config, hw }])),
});

test('a point of a GPU is measured again on the pool that its recipe is for', async () => {
  const found = reproduce(row, await of(['gb200-trt', 'b200-trt']));
  expect(found.state === 'known' && JSON.parse(found.stdin)).toMatchObject([
    { runner: 'b200-trt', image: 'nvcr.io/trt:1', framework: 'trt' },
  ]);
});

test('without the image, or a config that measures it, there is a reason and no command', async () => {
  expect(reproduce({ ...row, image: 'unknown' }, await of(['b200-trt']))).toEqual({
    state: 'unknown',
    reason: 'the row does not say which image was served',
  });
  expect(reproduce(row, await of(['gb200-trt']))).toMatchObject({ state: 'unknown' });
});
