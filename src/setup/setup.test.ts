import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadGpuConstants, masterConfigSchema } from '../config/index.ts';
import { gpuKey } from './gpu-key.ts';
import { propose } from './propose.ts';
import { type FoundModel, type Survey, survey } from './survey.ts';

const knownGpus = (await loadGpuConstants()).map(({ gpu }) => gpu);

test.each([
  ['NVIDIA H100 80GB HBM3', 'h100'],
  ['NVIDIA H200', 'h200'],
  ['NVIDIA GB200', 'gb200'],
  ['AMD Instinct MI300X OAM', 'mi300x'],
  ['NVIDIA GeForce RTX 4090', 'rtx4090'],
  ['NVIDIA A100-SXM4-80GB', 'a100'],
  ['NVIDIA L40S', 'l40s'],
  ['NVIDIA RTX 6000 Ada Generation', 'rtx6000'],
  ['Tesla T4', 't4'],
])('%s is called %s', (device, key) => {
  expect(gpuKey(device, knownGpus)).toBe(key);
});

test.each([
  ['pypi:vllm==0.24.0', 'vllm'],
  ['pypi:sglang==0.5.6', 'sglang'],
  ['npm:node-llama-cpp@3.22.1', 'llama.cpp'],
])('--engine %s is %s and no other engine', async (engine, framework) => {
  const found = await survey({ engine, model: import.meta.dirname, environment: {} });
  expect(found.engines).toEqual([{ framework, image: engine }]);
});

const memoryBytes = 80e9;
const llama: FoundModel = {
  path: '/models/Llama-3.1-8B',
  form: 'folder',
  name: 'Llama-3.1-8B',
  facts: { hasOwnCode: false, dtype: 'bfloat16', weightBytes: 16e9, attentionHeads: 32 },
  lacks: [],
};
const machine: Survey = {
  host: 'lab.example.org',
  vendor: 'nvidia',
  devices: [1, 2, 3, 4].map(() => ({ name: 'NVIDIA H100 80GB HBM3', memoryBytes })),
  engines: [{ framework: 'vllm', image: 'path:/opt/venvs/vllm', version: '0.24.0' }],
  models: [llama],
  tools: [],
};
const options = {
  knownGpus,
  smallestTp: ({ weightBytes = 0 }: { readonly weightBytes?: number }) =>
    [1, 2, 4, 8].find((tp) => weightBytes / tp < memoryBytes * 0.9),
};

const configOf = (found: Survey, changed = {}) => {
  const { files, configKey } = propose(found, { ...options, ...changed });
  const text = files.find(({ path }) => path.endsWith('-master.yaml'))?.content ?? '';
  return masterConfigSchema().parse(parse(text))[configKey];
};

describe('a first config', () => {
  test('uses the engine and weights that were found, on a separate pool for the GPU', () => {
    expect(configOf(machine)).toMatchObject({
      image: 'path:/opt/venvs/vllm',
      model: '/models/Llama-3.1-8B',
      'model-prefix': 'llama-3.1-8b',
      precision: 'bf16',
      runner: 'h100-lab',
      scenarios: { 'fixed-seq-len': [{ 'search-space': [{ tp: 1 }] }] },
    });
  });

  test('uses as many GPUs as the weights need, and their precision', () => {
    const facts = { hasOwnCode: false, quantisation: 'fp8', weightBytes: 140e9 };
    expect(configOf({ ...machine, models: [{ ...llama, facts }] })).toMatchObject({
      precision: 'fp8',
      scenarios: { 'fixed-seq-len': [{ 'search-space': [{ tp: 2 }] }] },
    });
  });

  test('skips weights that do not fit, and reports it if there are no others', () => {
    const huge = { ...llama, path: '/models/huge', facts: { hasOwnCode: false, weightBytes: 1e12 } };
    expect(configOf({ ...machine, models: [huge, llama] })).toMatchObject({ model: llama.path });
    expect(() => configOf({ ...machine, models: [huge] })).toThrow(
      'the weights in /models/huge do not fit into the 4 GPUs of this machine',
    );
  });

  test('includes the memory of an unknown GPU', () => {
    const devices = [{ name: 'NVIDIA GeForce RTX 4090', memoryBytes: 25_757_220_864 }];
    const { files } = propose({ ...machine, devices }, options);
    expect(parse(files[1]?.content ?? '')).toMatchObject({
      hardware: 'rtx4090',
      'accelerator-memory-gb': 25,
      'accelerators-per-node': 1,
    });
  });

  test('can use random weights', () => {
    expect(configOf(machine, { dummy: true })).toMatchObject({ 'load-format': 'dummy' });
  });

  test('uses a GGUF file for llama.cpp, with the precision in its name', () => {
    const gguf: FoundModel = {
      path: '/m/Qwen3-4B-Q8_0.gguf',
      form: 'gguf',
      name: 'Qwen3-4B-Q8_0',
      lacks: [],
    };
    const engines = [{ framework: 'llama.cpp', image: 'command:llama-server' }];
    expect(configOf({ ...machine, engines, models: [llama, gguf] })).toMatchObject({
      model: gguf.path,
      precision: 'q8',
      framework: 'llama.cpp',
    });
  });
});
