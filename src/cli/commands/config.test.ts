import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { said } from '../../../test/support/said.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'config-migrate-'));
});
afterEach(() => rm(folder, { recursive: true }));

const old = `k:
  image: i
  model: m
  model-prefix: p
  runner: alpha
  precision: fp4
  framework: vllm
  multinode: false
  seq-len-configs:
  - isl: 8192
    osl: 1024
    search-space:
    - { tp: 8, conc-list: [16] }
`;

async function files(): Promise<[master: string, runners: string]> {
  const [master, runners] = [join(folder, 'my-master.yaml'), join(folder, 'runners.yaml')];
  await writeFile(master, old);
  await writeFile(runners, 'alpha: [a_0]\n');
  return [master, runners];
}

test('config migrate converts files to the August format once, and generate reads them', async () => {
  const named = await files();
  const first = await said('config', 'migrate', ...named, '--json');
  expect(JSON.parse(first.stdout)).toEqual([
    { file: named[0], kind: 'configs', changed: true },
    { file: named[1], kind: 'runners', changed: true },
  ]);
  const { stdout } = await said('generate', 'full-sweep', '--config-files', named[0]);
  expect(JSON.parse(stdout)).toMatchObject([{ runner: 'alpha', 'max-model-len': 9472, 'run-eval': true }]);
  const before = await readFile(named[0], 'utf8');
  const again = await said('config', 'migrate', ...named);
  expect(again.stdout).toBe(named.map((file) => `${file}: already has the new format\n`).join(''));
  expect(await readFile(named[0], 'utf8')).toBe(before);
});

test('if one file cannot be migrated, no file changes', async () => {
  const [master, runners] = await files();
  await writeFile(runners, 'alpha: []\n');
  const { code, stderr } = await said('config', 'migrate', master, runners);
  expect([code, stderr]).toEqual([2, expect.stringContaining('alpha: expected at least one node')]);
  expect(await readFile(master, 'utf8')).toBe(old);
});

test('--dry-run writes nothing', async () => {
  const [master] = await files();
  const { stdout } = await said('config', 'migrate', master, '--dry-run');
  expect(stdout).toBe(`${master}: would be written in the new format\n`);
  expect(await readFile(master, 'utf8')).toBe(old);
});

test('August options are rejected for January configs, with a fix', async () => {
  const [master] = await files();
  const { code, stderr } = await said('generate', 'full-sweep', '--config-files', master, '--min-conc', '4');
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining(
      '--min-conc: the configs follow January 2026 (seq-len-configs), which has no such option',
    ),
  ]);
});

test('agentic traces can be generated and planned', async () => {
  const master = join(folder, 'agents-master.yaml');
  const traces = `${old.slice(0, old.indexOf('  seq-len')).replace('runner: alpha', 'runner: cluster:a')}  scenarios:
    agentic-coding:
    - search-space:
      - { tp: 8, kv-offloading: none, conc-list: [1, 2] }
`;
  await writeFile(master, traces);
  await writeFile(join(folder, 'runners.yaml'), 'labels: { "cluster:a": [a_0] }\n');
  const { stdout } = await said('generate', 'test-config', '--config-files', master, '--config-keys', 'k');
  expect(JSON.parse(stdout)).toMatchObject([
    { 'exp-name': 'p_tp8_conc1_kvnone', duration: 3600 },
    { 'exp-name': 'p_tp8_conc2_kvnone', 'scenario-type': 'agentic-coding' },
  ]);
  const entries = join(folder, 'entries.json');
  await writeFile(entries, stdout);
  for (const asked of [
    ['--entries', entries, '--runner-config', join(folder, 'runners.yaml')],
    ['--config-files', master, '--config-keys', 'k'],
  ]) {
    const { code, stdout: planned, stderr } = await said('plan', ...asked);
    expect([code, planned], stderr).toEqual([
      0,
      expect.stringMatching(/agent sessions tp8 at concurrency 1, 2: 3600 s each/),
    ]);
  }
});
