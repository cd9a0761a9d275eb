import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contractOfConfigs, loadMasterConfigs, loadRunnerPools } from './index.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'contracts-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const served =
  '  image: i\n  model: m\n  model-prefix: p\n  runner: alpha\n  precision: fp4\n  framework: vllm\n  multinode: false\n';
const items = '- isl: 8192\n      osl: 1024\n      search-space:\n      - { tp: 8, conc-list: [4] }\n';
const oldForm = (key: string) => `${key}:\n${served}  seq-len-configs:\n    ${items}`;
const newForm = (key: string) => `${key}:\n${served}  scenarios:\n    fixed-seq-len:\n    ${items}`;

describe('the contract of files', () => {
  test('is seen from their form', async () => {
    const older = await loadMasterConfigs([await file('old.yaml', oldForm('k'))]);
    const newer = await loadMasterConfigs([await file('new.yaml', newForm('k'))]);
    expect(contractOfConfigs(older, new Map()).name).toBe('January 2026');
    expect(contractOfConfigs(newer, new Map()).name).toBe('August 2026');
    const pools = await loadRunnerPools(await file('pools.yaml', 'alpha: [a_0]\n'));
    const labels = await loadRunnerPools(await file('labels.yaml', 'labels: { alpha: [a_0] }\n'));
    expect(contractOfConfigs(new Map(), pools).name).toBe('January 2026');
    expect(contractOfConfigs(new Map(), labels).name).toBe('August 2026');
  });

  test('is one for all files of a command', async () => {
    const files = [await file('one.yaml', oldForm('a')), await file('two.yaml', newForm('b'))];
    await expect(loadMasterConfigs(files)).rejects.toThrow(
      `two.yaml:9:3: ${files[1]} has the August 2026 format (scenarios), but ${files[0]} has that of January 2026 (seq-len-configs) (all files of one command must have the same format: \`inferencemax config migrate\` converts January's to August's)`,
    );
    const configs = await loadMasterConfigs(files.slice(1));
    const pools = await loadRunnerPools(await file('pools.yaml', 'alpha: [a_0]\n'));
    expect(() => contractOfConfigs(configs, pools)).toThrow(
      'the configs have the August 2026 format (scenarios), but the runner pools have that of January 2026 (pools at the top of the file)',
    );
  });

  test('is one for all configs of a file', async () => {
    const mixed = await file('mixed.yaml', newForm('a') + oldForm('b'));
    await expect(loadMasterConfigs([mixed])).rejects.toThrow(
      /mixed\.yaml:23:3: config 'b' has the January 2026 format \(seq-len-configs\), but this file has that of August 2026 \(scenarios\)/,
    );
  });
});

describe('files of August are YAML 1.1, as the public tools read them', () => {
  test.each([
    ['a number with underscores', '2_063_837', 2_063_837],
    ['an octal number', '010', 8],
    ['a number to the base of 60', '1:30', 90],
  ])('%s', async (_, written, value) => {
    const text = `labels: { alpha: [a_0] }\nhardware: { alpha: { available-cpu-dram-mib: ${written}, gpus-per-node: 8 } }\n`;
    const { hardware } = await loadRunnerPools(await file('runners.yaml', text));
    expect(hardware?.get('alpha')).toEqual({ dramMib: value, gpus: 8 });
  });

  test.each([
    ['yes', true],
    ['Off', false],
  ])('%s is a truth value, y is a text', async (written, value) => {
    const text = newForm('k')
      .replace('tp: 8,', `tp: 8, dp-attn: ${written},`)
      .replace('image: i', 'image: y');
    const [config] = (await loadMasterConfigs([await file('truth.yaml', text)])).values();
    expect(config).toMatchObject({
      image: 'y',
      scenarios: { 'fixed-seq-len': [{ 'search-space': [{ 'dp-attn': value }] }] },
    });
  });

  test('and those of January are not', async () => {
    const text = oldForm('k').replace('tp: 8,', 'tp: 8, dp-attn: yes,');
    await expect(loadMasterConfigs([await file('old.yaml', text)])).rejects.toThrow(
      'dp-attn: expected true or false, found "yes"',
    );
  });
});
