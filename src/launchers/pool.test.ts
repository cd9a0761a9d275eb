import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadRunnerPools } from '../config/index.ts';
import { packageRoot } from '../package-root.ts';
import { fileOfPool, loadPool } from './pool.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pool-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function pool(yaml: string) {
  await writeFile(join(folder, 'h200.yaml'), yaml);
  return await loadPool('h200', folder);
}

test('a node overrides single fields of its pool, and other nodes keep the pool’s values', async () => {
  const h200 = await pool(`
launcher: slurm
partition: main
accelerator: nvidia
accelerators-per-node: 8
nodes:
  'h200-cw_*': { partition: other, mounts: ['/data:/data:ro'] }
`);
  expect(h200.settingsFor('h200-cw_1')).toMatchObject({
    launcher: 'slurm',
    partition: 'other',
    mounts: ['/data:/data:ro'],
    'accelerators-per-node': 8,
    'time-limit-min': 180,
  });
  expect(h200.settingsFor('h200-nv_0')).toMatchObject({ partition: 'main', mounts: [] });
  expect(h200.settingsFor()).toMatchObject({ partition: 'main' });
});

test('a node with another launcher keeps only the fields that all launchers share', async () => {
  const h200 = await pool(`
launcher: slurm
partition: main
port: 9000
accelerator: nvidia
nodes:
  h200-nb_0: { launcher: docker, shm-size: 32g }
`);
  const settings = h200.settingsFor('h200-nb_0');
  expect(settings).toMatchObject({
    launcher: 'docker',
    'shm-size': '32g',
    port: 9000,
    accelerator: 'nvidia',
    host: '127.0.0.1',
  });
  expect(settings).not.toHaveProperty('partition');
});

test.each([
  [
    'launcher: dokcer\n',
    /h200\.yaml:1:11: launcher: expected one of local, docker, slurm, ssh, found "dokcer" \(did you mean 'docker'\?\)/,
  ],
  ['launcher: local\nhosts: x\n', /h200\.yaml:2:1: unknown field 'hosts' \(did you mean 'host'\?\)/],
  ['launcher: docker\nmounts: [/a]\n', /h200\.yaml:2:10: .*expected source:\/target/],
  ['launcher: docker\nnodes:\n  n: { partition: x }\n', /h200\.yaml:3:8: unknown field 'partition'/],
  [
    'launcher: docker\nnodes:\n  n: { launcher: ssh }\n',
    /h200\.yaml:3:3: destination: missing; expected a text\n.*:3:3: on: missing; expected a map$/,
  ],
])('the error in %j is reported with its position', async (yaml, message) => {
  await expect(pool(yaml)).rejects.toThrow(message);
});

test('every file is of a pool in runners.yaml, and every override matches a node', async () => {
  const pools = await loadRunnerPools(join(packageRoot, '.github', 'configs', 'runners.yaml'));
  const own = join(packageRoot, 'runners');
  for (const file of readdirSync(own).filter((name) => name.endsWith('.yaml'))) {
    const name = basename(file, '.yaml');
    expect([...pools.keys()]).toContain(name);
    expect(await (await loadPool(name, own)).unusedOverrides(pools.get(name) ?? [])).toEqual([]);
  }
  const unused = await pool("launcher: docker\nnodes:\n  'h100-*': { port: 1 }\n");
  expect(await unused.unusedOverrides(['h200-cw_0'])).toMatchObject([
    { line: 3, column: 3, message: "no node of pool h200 is called 'h100-*'" },
  ]);
});

test('a fleet has the file that is called like it, and results call it after its GPU', async () => {
  await writeFile(join(folder, 'b300-nv.yaml'), 'launcher: local\n');
  expect(fileOfPool('cluster:b300-nv', folder)).toBe(join(folder, 'b300-nv.yaml'));
  expect((await loadPool('cluster:b300-nv', folder)).hardware).toBe('b300');
  expect((await loadPool('b300-nv', folder)).hardware).toBe('b300-nv');
});

test.each([
  ['', 'h200'],
  ['hardware: h200\n', 'h200'],
  ['hardware: b200\n', 'b200-h200'],
])('the hardware name of pool %j is %s', async (yaml, hardware) => {
  expect((await pool(`launcher: local\n${yaml}`)).hardware).toBe(hardware);
});

test('hardware must be the name of a GPU', async () => {
  await expect(pool('launcher: local\nhardware: H200_lab\n')).rejects.toThrow(
    /h200\.yaml:2:11: hardware: expected a GPU name of lower-case letters and digits/,
  );
});
