import type { SingleNodeEntry } from '../../src/identity/index.ts';

/** A single-node entry with one point; tests override what they are about. */
export const someEntry: SingleNodeEntry = {
  image: 'example/engine:v1',
  model: 'org/model',
  'model-prefix': 'model',
  precision: 'fp8',
  framework: 'vllm',
  runner: 'h200',
  isl: 1024,
  osl: 1024,
  tp: 8,
  conc: 4,
  'max-model-len': 2248,
  ep: 1,
  'dp-attn': false,
  'spec-decoding': 'none',
  'exp-name': 'model_1k1k',
  disagg: false,
};
