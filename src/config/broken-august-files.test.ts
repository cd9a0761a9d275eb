import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import { loadMasterConfigs, loadRunnerPools } from './index.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'broken-august-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Replaced = Readonly<Record<string, string>>;

function written(lines: readonly string[], replace: Replaced): string {
  return `${lines.map((line) => replace[line.trim()] ?? line).join('\n')}\n`;
}

const served = ['  image: org/engine:v1', '  model: org/model', '  model-prefix: model', '  precision: fp8'];

/** A good config of fixed lengths on one node, with some lines replaced. */
const fixed = (replace: Replaced = {}) =>
  written(
    [
      'a-key:',
      ...served,
      '  framework: vllm',
      '  runner: h200',
      '  multinode: false',
      '  scenarios:',
      '    fixed-seq-len:',
      '    - isl: 8192',
      '      osl: 1024',
      '      search-space:',
      '      - { tp: 8, conc-start: 4, conc-end: 64 }',
    ],
    replace,
  );
const item = '- { tp: 8, conc-start: 4, conc-end: 64 }';
const node = (fields: string) => fixed({ [item]: `      - { ${fields} }` });

/** The same on several nodes. */
const worker = 'num-worker: 1, tp: 4, ep: 4, dp-attn: true';
const workers = `- { conc-list: [4], prefill: { ${worker} }, decode: { ${worker} } }`;
const nodes = (replace: Replaced = {}) =>
  written(
    [
      'a-key:',
      ...served,
      '  framework: dynamo-trt',
      '  runner: gb200',
      '  multinode: true',
      '  disagg: true',
      '  kv-p2p-transfer: nixl',
      '  scenarios:',
      '    fixed-seq-len:',
      '    - isl: 8192',
      '      osl: 1024',
      '      search-space:',
      `      ${workers}`,
    ],
    replace,
  );
const roles = (prefill: string, decode: string, more = '') =>
  nodes({
    [workers]: `      - { conc-list: [4], prefill: { ${prefill} }, decode: { ${decode} }${more} }`,
  });

/** And of agents. */
const traces = '- { tp: 8, kv-offloading: none, conc-list: [1, 2] }';
const agentic = (replace: Replaced = {}) =>
  written(
    [
      'a-key:',
      ...served,
      '  framework: vllm',
      '  runner: cluster:b300-nv',
      '  multinode: false',
      '  scenarios:',
      '    agentic-coding:',
      '    - dram-utilization: 0.9',
      '      search-space:',
      `      ${traces}`,
    ],
    replace,
  );
const agents = (fields: string, replace: Replaced = {}) =>
  agentic({ ...replace, [traces]: `      - { ${fields} }` });
const noShare = { '- dram-utilization: 0.9': '    - ', 'search-space:': '      search-space:' };

const broken: Readonly<Record<string, string>> = {
  'a misspelt scenarios': fixed({ 'scenarios:': '  scenaros:' }),
  'no scenario': fixed({ 'fixed-seq-len:': '    fixed-seq-len: []' }).replace(/ {4}- isl[\s\S]*$/, ''),
  'a misspelt scenario': fixed({ 'fixed-seq-len:': '    fixed-seqlen:' }),
  'scenarios as a list': fixed({ 'fixed-seq-len:': '    - fixed-seq-len:' }).replace(/ {4}- isl[\s\S]*$/, ''),
  'a misspelt field': fixed({ 'model: org/model': '  modle: org/model' }),
  'a field of the wrong level': fixed({ 'precision: fp8': '  precision: fp8\n  tp: 8' }),
  'a missing field': fixed({ 'precision: fp8': '' }),
  'a number where a text belongs': fixed({ 'precision: fp8': '  precision: 8' }),
  'a truth value where a text belongs': fixed({ 'precision: fp8': '  precision: no' }),
  'no multinode': fixed({ 'multinode: false': '' }),
  'a multinode that is not a boolean': fixed({ 'multinode: false': '  multinode: maybe' }),
  'a role on one node': node(`tp: 8, conc-list: [4], prefill: { ${worker} }`),
  'disagg on one node': fixed({ 'multinode: false': '  multinode: false\n  disagg: true' }),
  'a KV transfer on one node': fixed({ 'multinode: false': '  multinode: false\n  kv-p2p-transfer: nixl' }),
  'no tensor parallelism': node('conc-list: [4]'),
  'a pipeline parallelism of true': node('tp: 8, pp: true, conc-list: [4]'),
  'a pipeline parallelism of 0': node('tp: 8, pp: 0, conc-list: [4]'),
  'a context parallelism that does not divide': node('tp: 8, dcp-size: 3, conc-list: [4]'),
  'an unknown way to speculate': node('tp: 8, spec-decoding: eagle, conc-list: [4]'),
  'an offloading of fixed lengths': node('tp: 8, kv-offloading: none, conc-list: [4]'),
  'no concurrency': node('tp: 8'),
  'half a range': node('tp: 8, conc-start: 4'),
  'a range the wrong way round': node('tp: 8, conc-start: 8, conc-end: 4'),
  'a range and a list': node('tp: 8, conc-list: [4], conc-start: 1, conc-end: 4'),
  'an empty list of concurrencies': node('tp: 8, conc-list: []'),
  'a router without its version': node('tp: 8, conc-list: [4], router: { name: vllm-router }'),
  'a router with an image for a version': node(
    'tp: 8, conc-list: [4], router: { name: r, version: "image:x" }',
  ),
  'a router in a config and in its items': fixed({
    'precision: fp8': '  precision: fp8\n  router: { name: a, version: "1" }',
    [item]: '      - { tp: 8, conc-list: [4], router: { name: b, version: "1" } }',
  }),
  'disagg without what carries the KV cache': nodes({ 'kv-p2p-transfer: nixl': '' }),
  'a KV transfer in a config and in its items': roles(worker, worker, ', kv-p2p-transfer: ucx'),
  'tensor parallelism beside roles': roles(worker, worker, ', tp: 4'),
  'workers without expert parallelism': roles('num-worker: 1, tp: 4, dp-attn: false', worker),
  'the hardware of one role': roles(`${worker}, hardware: b200`, worker),
  'fewer than no decode workers': roles(worker, 'num-worker: -1, tp: 4, ep: 4, dp-attn: true'),
  'a setting that is a number': roles(worker, `${worker}, additional-settings: [5]`),
  'agents on a pool that is not a fleet': agentic({ 'runner: cluster:b300-nv': '  runner: b300' }),
  'agents without an offloading': agents('tp: 8, conc-list: [4]'),
  'an unknown place to offload to': agents('tp: 8, kv-offloading: nvme, conc-list: [4]'),
  'an offloading without its back end': agents('tp: 8, kv-offloading: dram, conc-list: [4]'),
  'a back end without offloading': agents(
    'tp: 8, kv-offloading: none, kv-offload-backend: { name: native }, conc-list: [4]',
  ),
  'an offloading without its share of memory': agents(
    'tp: 8, kv-offloading: dram, kv-offload-backend: { name: native }, conc-list: [4]',
    noShare,
  ),
  'a share of memory above all of it': agentic({ '- dram-utilization: 0.9': '    - dram-utilization: 1.01' }),
  'a share of memory that is not a number': agentic({
    '- dram-utilization: 0.9': '    - dram-utilization: most',
  }),
  'roles of agents on one node': agents(
    `prefill: { ${worker} }, decode: { ${worker} }, kv-offloading: none, conc-list: [4]`,
  ),
  'lengths of agents': agentic({ '- dram-utilization: 0.9': '    - isl: 8192' }),
  'the source of traces': agentic({ '- dram-utilization: 0.9': '    - trace-source: weka' }),
  'a wildcard in a key': fixed({ 'a-key:': 'a-*:' }),
  'the same key twice': fixed() + fixed(),
};

async function told(load: (file: string) => Promise<unknown>, name: string, content: string) {
  const file = join(folder, `${name.replaceAll(' ', '-')}.yaml`);
  await writeFile(file, content);
  const error: unknown = await load(file).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof InputError)) throw new Error(`it was taken, or failed otherwise: ${String(error)}`);
  for (const { line, column } of error.problems)
    expect([typeof line, typeof column]).toEqual(['number', 'number']);
  return error.message.replaceAll(`${folder}/`, '');
}

test.each(Object.entries(broken))('%s is reported with line, column and remedy', async (name, content) => {
  expect(await told(async (file) => await loadMasterConfigs([file]), name, content)).toMatchSnapshot();
});

test.each(Object.entries({ fixed: fixed(), nodes: nodes(), agentic: agentic() }))(
  'what these files are made of is good: %s',
  async (name, content) => {
    const file = join(folder, `${name}.yaml`);
    await writeFile(file, content);
    expect((await loadMasterConfigs([file])).size).toBe(1);
  },
);

test.each([
  ['a label without nodes', 'labels: { alpha: [] }\n'],
  ['a node that is a number', 'labels:\n  alpha: [5]\n'],
  ['labels that are a text', 'labels: alpha\n'],
  ['hardware without its memory', 'labels: { alpha: [a] }\nhardware:\n  alpha: { gpus-per-node: 8 }\n'],
  [
    'hardware without a GPU',
    'labels: { alpha: [a] }\nhardware:\n  alpha: { available-cpu-dram-mib: 1_000, gpus-per-node: 0 }\n',
  ],
  [
    'a misspelt field of hardware',
    'labels: { alpha: [a] }\nhardware:\n  alpha: { avail-cpu-dram-mib: 1, gpus-per-node: 8 }\n',
  ],
  ['a misspelt hardware', 'labels: { alpha: [a] }\nhardwares: {}\n'],
])('runners: %s', async (name, content) => {
  expect(await told(loadRunnerPools, name, content)).toMatchSnapshot();
});
