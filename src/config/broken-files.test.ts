import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import { loadMasterConfigs, loadRunnerPools } from './index.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'broken-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A good config with one line replaced, so that everything else stays good. */
function good(replace: Readonly<Record<string, string>> = {}): string {
  const lines = [
    'a-key:',
    '  image: org/engine:v1',
    '  model: org/model',
    '  model-prefix: model',
    '  precision: fp8',
    '  framework: vllm',
    '  runner: h200',
    '  multinode: false',
    '  seq-len-configs:',
    '  - isl: 1024',
    '    osl: 1024',
    '    search-space:',
    '    - { tp: 8, conc-start: 4, conc-end: 64 }',
  ];
  return `${lines.map((line) => replace[line.trim()] ?? line).join('\n')}\n`;
}
const item = '- { tp: 8, conc-start: 4, conc-end: 64 }';
const multi = (extra: string) =>
  good({ 'multinode: false': '  multinode: true', [item]: `    - { spec-decoding: none, ${extra} }` });
const worker = '{ num-worker: 1, tp: 4, ep: 4, dp-attn: true }';

const broken: Readonly<Record<string, string | Buffer>> = {
  'a misspelt field': good({ 'model: org/model': '  modle: org/model' }),
  'a field of the wrong level': good({ 'precision: fp8': '  precision: fp8\n  tp: 8' }),
  'a missing field': good({ 'framework: vllm': '  # framework: vllm' }),
  'an empty text': good({ 'framework: vllm': "  framework: ''" }),
  'a number where a text belongs': good({ 'precision: fp8': '  precision: 8' }),
  'a text where a flag belongs': good({ 'multinode: false': '  multinode: no way' }),
  'no multinode': good({ 'multinode: false': '' }),
  'a map where a list belongs': good({ '- isl: 1024': '    isl: 1024' }),
  'a text where a number belongs': good({ '- isl: 1024': '  - isl: one' }),
  'a length in thousands': good({ '- isl: 1024': '  - isl: 1k' }),
  'a fraction where a whole number belongs': good({ '- isl: 1024': '  - isl: 10.5' }),
  'a zero': good({ '- isl: 1024': '  - isl: 0' }),
  'a negative tensor parallelism': good({ [item]: '    - { tp: -1, conc-start: 4, conc-end: 64 }' }),
  'no tensor parallelism': good({ [item]: '    - { conc-start: 4, conc-end: 64 }' }),
  'no concurrency': good({ [item]: '    - { tp: 8 }' }),
  'half a concurrency range': good({ [item]: '    - { tp: 8, conc-start: 4 }' }),
  'a range the wrong way round': good({ [item]: '    - { tp: 8, conc-start: 64, conc-end: 4 }' }),
  'a range and a list': good({ [item]: '    - { tp: 8, conc-start: 4, conc-end: 8, conc-list: [4] }' }),
  'an empty list of concurrencies': good({ [item]: '    - { tp: 8, conc-list: [] }' }),
  'a zero in a list of concurrencies': good({ [item]: '    - { tp: 8, conc-list: [4, 0] }' }),
  'an unknown way to speculate': good({ [item]: '    - { tp: 8, conc-list: [4], spec-decoding: mpt }' }),
  'a misspelt concurrency field': good({ [item]: '    - { tp: 8, conc-strat: 4, conc-end: 64 }' }),
  'a context parallelism that does not divide': good({
    [item]: '    - { tp: 8, dcp-size: 3, conc-list: [4] }',
  }),
  'a router in a config and in its items': good({
    'precision: fp8': '  precision: fp8\n  router: { name: a, version: "1" }',
    [item]: '    - { tp: 8, conc-list: [4], router: { name: b, version: "1" } }',
  }),
  'a KV transfer on one node': good({
    'precision: fp8': '  precision: fp8\n  kv-p2p-transfer: nixl',
  }),
  'the hardware of one role': multi(
    'conc-list: [4], prefill: { num-worker: 1, tp: 4, ep: 4, dp-attn: true, hardware: b200 }, decode: { num-worker: 1, tp: 4, ep: 4, dp-attn: true }',
  ),
  'an offloading without its back end': good({
    [item]: '    - { tp: 8, conc-list: [4], kv-offloading: dram }',
  }),
  'a back end without offloading': good({
    [item]: '    - { tp: 8, conc-list: [4], kv-offloading: none, kv-offload-backend: { name: native } }',
  }),
  'multi-node fields on a single node': good({
    [item]: `    - { tp: 8, conc-list: [4], prefill: ${worker} }`,
  }),
  'no prefill workers, though there may be no decode workers': multi(
    'conc-list: [4], prefill: { num-worker: 0, tp: 4, ep: 4, dp-attn: true }, decode: { num-worker: 0, tp: 4, ep: 4, dp-attn: true }',
  ),
  'fewer than no decode workers': multi(
    `conc-list: [4], prefill: ${worker}, decode: { num-worker: -1, tp: 4, ep: 4, dp-attn: true }`,
  ),
  'a router without its version': good({
    'precision: fp8': '  precision: fp8\n  router: { name: vllm-router }',
  }),
  'a router with an image for a version': good({
    'precision: fp8': '  precision: fp8\n  router: { name: vllm-router, version: "image:org/router" }',
  }),
  'no decode workers': multi(`conc-list: [4], prefill: ${worker}`),
  'workers without their number': multi(
    `conc-list: [4], prefill: { tp: 4, ep: 4, dp-attn: true }, decode: ${worker}`,
  ),
  'settings that are not a list': multi(
    `conc-list: [4], decode: ${worker}, prefill: { num-worker: 1, tp: 4, ep: 4, dp-attn: true, additional-settings: A=1 }`,
  ),
  'a wildcard in a key': good({ 'a-key:': 'a-*:' }),
  'the same key twice': good() + good(),
  'the same field twice': good({ 'model: org/model': '  model: org/model\n  model: org/other' }),
  'a tab as indentation': good({ 'model: org/model': '\tmodel: org/model' }),
  'a brace that is never closed': good({ [item]: '    - { tp: 8, conc-start: 4' }),
  'a quote that is never closed': good({ 'model: org/model': "  model: 'org/model" }),
  'an alias of nothing': good({ 'model: org/model': '  model: *model' }),
  'a list instead of a map': '- a\n- b\n',
  'a bomb of aliases': [
    'a: &a [x, x, x, x, x, x, x, x, x, x]',
    'b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]',
    'c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]',
    'd: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]',
    'e: [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]',
    '',
  ].join('\n'),
  'text that is not UTF-8': Buffer.from([0x61, 0x3a, 0x20, 0xff, 0xfe]),
};

test.each(Object.entries(broken))('%s is reported with line, column and remedy', async (name, content) => {
  const file = join(folder, `${name.replaceAll(' ', '-')}.yaml`);
  await writeFile(file, content);
  const error: unknown = await loadMasterConfigs([file]).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof InputError)) throw new Error(`it was taken, or failed otherwise: ${String(error)}`);
  expect(error.message.replaceAll(`${folder}/`, '')).toMatchSnapshot();
});

test('problems of two files are reported together, and a key in both names the first file', async () => {
  const files = ['first.yaml', 'second.yaml', 'third.yaml'].map((name) => join(folder, name));
  const [first = '', second = '', third = ''] = files;
  await writeFile(first, good());
  await writeFile(second, good());
  await writeFile(third, good({ 'a-key:': 'c-key:', 'model: org/model': '  modle: org/model' }));
  await expect(loadMasterConfigs(files)).rejects.toThrow(
    [
      `${second}:1:1: config key 'a-key' is already defined in ${first}`,
      `${third}:1:1: model: missing; expected a text`,
      `${third}:3:3: unknown field 'modle' (did you mean 'model'?)`,
    ].join('\n'),
  );
});

test('anchors and merge-free aliases are understood', async () => {
  const file = join(folder, 'anchors.yaml');
  await writeFile(
    file,
    good({ 'image: org/engine:v1': '  image: &name org/engine:v1', 'model: org/model': '  model: *name' }),
  );
  expect((await loadMasterConfigs([file])).get('a-key')?.model).toBe('org/engine:v1');
});

test.each([
  ['an empty pool', 'h200: []\n', '1:1: h200: expected at least one node'],
  ['a pool that is not a list', 'h200: node\n', '1:7: h200: expected a list, found a text'],
  ['a node that is not a text', 'h200:\n- 5\n', '2:3: h200: expected a text, found a number'],
])('runner pools: %s', async (_, content, expected) => {
  const file = join(folder, 'runners.yaml');
  await writeFile(file, content);
  await expect(loadRunnerPools(file)).rejects.toThrow(`${file}:${expected}`);
});

test.each([
  'HF_TOKEN=SECRET\n',
  'HF_TOKEN: SECRET\n',
  '- SECRET\n',
  '- token: SECRET\n',
  'a: [SECRET]\n',
  'a: { b: SECRET }\n',
])('no value of a file that is something else is printed: %j', async (content) => {
  const file = join(folder, 'other');
  await writeFile(file, content);
  for (const load of [loadRunnerPools, async (path: string) => await loadMasterConfigs([path])]) {
    const told = await load(file).then(() => '', String);
    expect(told).not.toContain('SECRET');
  }
});
