import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { januaryFolder } from '../../../test/support/january.ts';
import { migrated } from './index.ts';

const transfer = () => 'nixl';
const unknown = () => undefined;
const lines = (...all: string[]) => `${all.join('\n')}\n`;
const served = [
  '  image: org/engine:v1',
  '  model: org/model',
  '  model-prefix: model',
  '  precision: fp8',
  '  framework: vllm',
  '  runner: h200 # the pool',
];

describe('a master config of January in the form of August', () => {
  test('keeps its comments, its order and its style', async () => {
    const old = lines(
      '# yaml-language-server: $schema=x',
      '',
      '# first',
      'a-key:',
      ...served,
      '  multinode: false',
      '  # the shapes',
      '  seq-len-configs: # both of them',
      '  - isl: 1024',
      '    osl: 1024',
      '    search-space:',
      '    # few GPUs',
      '    - { tp: 8, conc-start: 4, conc-end: 64 }',
      '    # - { tp: 16, conc-list: [1] }',
      '',
      '# second',
      'b-key:',
      ...served,
      '  seq-len-configs: [{ isl: 1, osl: 2, search-space: [{ tp: 1, conc-list: [1] }] }] # short',
      '  multinode: false',
    );
    const { text, changed } = await migrated('f.yaml', old, unknown);
    expect(changed).toBe(true);
    expect(text).toBe(
      lines(
        '# yaml-language-server: $schema=x',
        '',
        '# first',
        'a-key:',
        ...served,
        '  multinode: false',
        '  # the shapes',
        '  scenarios:',
        '    fixed-seq-len: # both of them',
        '    - isl: 1024',
        '      osl: 1024',
        '      search-space:',
        '      # few GPUs',
        '      - { tp: 8, conc-start: 4, conc-end: 64 }',
        '      # - { tp: 16, conc-list: [1] }',
        '',
        '# second',
        'b-key:',
        ...served,
        '  scenarios: { fixed-seq-len: [{ isl: 1, osl: 2, search-space: [{ tp: 1, conc-list: [1] }] }] } # short',
        '  multinode: false',
      ),
    );
    expect(await migrated('f.yaml', text, unknown)).toEqual({ kind: 'configs', text, changed: false });
  });

  test('says what carries the KV cache, or is refused with the option that names it', async () => {
    const old = lines(
      'a-key:',
      ...served,
      '  multinode: true',
      '  disagg: true   # two roles',
      '  seq-len-configs:',
      '    - isl: 1024',
      '      osl: 1024',
      '      search-space:',
      '      - conc-list: [4]',
      '        prefill: { num-worker: 1, tp: 4, ep: 4, dp-attn: true }',
      '        decode: { num-worker: 1, tp: 4, ep: 4, dp-attn: true }',
    );
    expect((await migrated('f.yaml', old, transfer)).text).toContain(
      '  disagg: true   # two roles\n  kv-p2p-transfer: nixl\n  scenarios:\n    fixed-seq-len:\n      - isl: 1024\n',
    );
    await expect(migrated('f.yaml', old, unknown)).rejects.toThrow(
      "f.yaml:9:11: config 'a-key' has disagg: true, and in the new format it needs kv-p2p-transfer, which names the KV cache transfer (name it with --kv-p2p-transfer, such as --kv-p2p-transfer 'a-key=nixl')",
    );
  });

  test('is refused where the new form would read something else, or does not have it', async () => {
    const old = (replace: Readonly<Record<string, string>>) =>
      lines(
        'a-key:',
        ...served.map((line) => replace[line] ?? line),
        '  multinode: false',
        '  seq-len-configs:',
        `  - { isl: 8, osl: 8, search-space: [${replace.item ?? '{ tp: 1, conc-list: [1] }'}] }`,
      );
    await expect(migrated('f.yaml', old({ '  model: org/model': '  model: no' }), unknown)).rejects.toThrow(
      'f.yaml:3:10: "no" would be false in the new format, which is YAML 1.1 (write it in quotes)',
    );
    const offloading = '{ tp: 1, conc-list: [1], kv-offloading: dram, kv-offload-backend: { name: x } }';
    await expect(migrated('f.yaml', old({ item: offloading }), unknown)).rejects.toThrow(
      "f.yaml:10:63: unknown field 'kv-offloading' (it belongs in agentic-coding)",
    );
    await expect(migrated('f.yaml', 'a: 1\n', unknown)).rejects.toThrow(
      'f.yaml: is neither a master config nor a runner pool file',
    );
    await expect(migrated('f.yaml', old({ '  model: org/model': '  modle: x' }), unknown)).rejects.toThrow(
      "f.yaml:3:3: unknown field 'modle' (did you mean 'model'?)",
    );
  });

  test('keeps the ends of its lines', async () => {
    const old = lines(
      'a-key:',
      ...served,
      '  multinode: false',
      '  seq-len-configs:',
      '  - { isl: 8, osl: 8, search-space: [{ tp: 1, conc-list: [1] }] }',
    ).replaceAll('\n', '\r\n');
    const { text } = await migrated('f.yaml', old, unknown);
    expect(text.match(/(?<!\r)\n/)).toBeNull();
    expect(text).toContain('  scenarios:\r\n    fixed-seq-len:\r\n    - { isl: 8');
  });
});

test('runner pools become labels', async () => {
  const old = lines('# pools', '', '# ours', 'h200:', '  - a_0 # first', '', '# theirs', 'b200: [b_0]');
  const { text, kind } = await migrated('runners.yaml', old, unknown);
  expect(kind).toBe('runners');
  expect(text).toBe(
    lines(
      '# pools',
      '',
      'labels:',
      '  # ours',
      '  h200:',
      '    - a_0 # first',
      '',
      '  # theirs',
      '  b200: [b_0]',
    ),
  );
  expect((await migrated('runners.yaml', '{ a: [b] }\n', unknown)).text).toBe('labels: { a: [b] }\n');
});

test.each(['amd-master.yaml', 'cpu-master.yaml', 'nvidia-master.yaml', 'runners.yaml'])(
  'every line of the public %s is in its new form, in the same order',
  async (name) => {
    const old = readFileSync(join(januaryFolder, '.github', 'configs', name), 'utf8');
    const { text } = await migrated(name, old, transfer);
    const words = (written: string) =>
      written
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== 'kv-p2p-transfer: nixl' && line !== 'scenarios:' && line !== 'labels:');
    expect(words(text).map((line) => line.replace(/^fixed-seq-len:/, 'seq-len-configs:'))).toEqual(
      words(old),
    );
  },
);
