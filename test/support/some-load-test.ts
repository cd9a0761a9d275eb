import type { LoadTest } from '../../src/load/index.ts';

/** A closed loop of a few short requests; tests override what they are about. */
export const someLoadTest: LoadTest = {
  baseUrl: 'http://h:8000',
  backend: 'openai',
  model: 'm',
  tokenizerId: 'm',
  dataset: { kind: 'random', inputLen: 10, outputLen: 4, rangeRatio: 1 },
  numPrompts: 1,
  maxConcurrency: 1,
  requestRate: Number.POSITIVE_INFINITY,
  burstiness: 1,
  seed: 1,
  ignoreEos: true,
  useChatTemplate: false,
  warmupRequests: 0,
  stallTimeoutS: 20,
  connectTimeoutS: 2,
};
