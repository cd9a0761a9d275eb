import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { type OwnGpu, ownGpu } from './stand-in/own-gpu.ts';
import { freePort } from './support/free-port.ts';
import { runProduct } from './support/product.ts';
import { rawResults, sweepOutcome } from './support/raw-results.ts';
import { SlurmCluster, slurmMissing } from './support/slurm-cluster.ts';
import { SshServer, sshMissing } from './support/ssh-server.ts';

const noSsh = sshMissing();
const noSlurm = slurmMissing();
for (const missing of [noSsh, noSlurm]) if (missing !== undefined) console.warn(`skipped: ${missing}`);

let folder: string;
let cwd: string;
let own: OwnGpu;
const cleanups: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'own-elsewhere-'));
  own = await ownGpu(join(folder, 'machine'));
  cwd = join(folder, 'work');
  await mkdir(join(cwd, 'runners'), { recursive: true });
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await rm(folder, { recursive: true, force: true });
});

const files = ['--config-files', 'configs.yaml', '--runner-config', 'runners.yaml'];

/** Writes a pool, and one config per image. */
async function write(pool: object, images: Readonly<Record<string, string>>, changes: object = {}) {
  const common = {
    model: own.model,
    precision: 'bf16',
    framework: 'vllm',
    runner: 'lab',
    multinode: false,
    'seq-len-configs': [{ isl: 16, osl: 4, 'search-space': [{ tp: 1, 'conc-list': [2] }] }],
    ...changes,
  };
  const configs = Object.entries(images).map(([name, image]) => [
    name,
    { ...common, image, 'model-prefix': name },
  ]);
  await writeFile(join(cwd, 'configs.yaml'), stringify(Object.fromEntries(configs)));
  await writeFile(join(cwd, 'runners.yaml'), 'lab: [lab_0]\n');
  await writeFile(join(cwd, 'runners', 'lab.yaml'), stringify({ hardware: 'h100', ...pool }));
}

async function run(keys: readonly string[], env: Record<string, string> = {}) {
  const port = String(await freePort());
  const args = ['run', ...files, '--config-keys', ...keys, '--no-evals', '--port', port, '--json'];
  return await runProduct(args, { cwd, env: { HOME: folder, ...env } });
}

/** The provenance of the only point of each config. */
async function measured(keys: readonly string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await run(keys, env);
  expect(code, stderr).toBe(0);
  const { rows, directory } = sweepOutcome.parse(JSON.parse(stdout));
  expect(rows.map((row) => row.infmax_model_prefix).toSorted()).toEqual([...keys].toSorted());
  const raws = await rawResults(directory);
  return keys.map((key) => raws.find(({ name }) => name.startsWith(`${key}_`))?.provenance);
}

/** The PATH of a machine with the driver's tools, and optionally an active environment. */
const pathWith = (...folders: string[]) => [own.tools, ...folders, process.env.PATH].join(':');

async function sshWith(...folders: string[]): Promise<SshServer> {
  const server = await SshServer.start({ PATH: pathWith(...folders) });
  cleanups.push(() => server.stop());
  return server;
}

const onGpu = { launcher: 'local', accelerator: 'nvidia' };

/** The result of measuring the same engine and weights on this machine. */
async function here() {
  await write(onGpu, { here: `path:${own.venv}` });
  const [provenance] = await measured(['here'], { PATH: pathWith() });
  expect(provenance).toMatchObject({ image: { version: '0.24.0' }, engine_version: '0.24.0' });
  const { image, model } = Object(provenance);
  return { digest: image.digest, sha256: model.sha256, bytes: model.bytes };
}

describe.skipIf(noSsh !== undefined)('engines installed on a host reached over ssh', () => {
  test('are measured by folder and by command, with the same version and digest as on this machine', async () => {
    const { digest, sha256, bytes } = await here();
    const bare = await sshWith();
    await write({ ...bare.settings, on: onGpu }, { folder: `path:${own.venv}` });
    const active = await sshWith(join(own.venv, 'bin'));
    const [byFolder] = await measured(['folder']);
    await write({ ...active.settings, on: onGpu }, { command: 'command:vllm' });
    const [byCommand] = await measured(['command']);
    for (const provenance of [byFolder, byCommand])
      expect(provenance).toMatchObject({
        image: { version: '0.24.0', digest },
        engine_version: '0.24.0',
        listener: 'proven',
        model: { reference: own.model, sha256, bytes },
      });
  });

  test('are rejected before anything starts if they or their weights are missing', async () => {
    const bare = await sshWith();
    const pool = { ...bare.settings, on: onGpu };
    const said = async (images: Record<string, string>, changes: object = {}) => {
      await write(pool, images, changes);
      const { code, stderr } = await run(Object.keys(images));
      expect(stderr).not.toContain('engine-starting');
      expect([1, 2]).toContain(code);
      return stderr;
    };
    const { destination } = bare.settings;
    expect(await said({ a: 'command:vllm' })).toContain(`there is no program vllm on ${destination}`);
    expect(await said({ a: `path:${folder}` })).toContain(
      `there is no program ${join(folder, 'bin', 'vllm')} on ${destination}`,
    );
    expect(await said({ a: 'path:./venv' })).toContain('is a path relative to the current folder');
    expect(await said({ a: 'pypi:vllm==0.24.0' })).toContain('can only be installed on this machine');
    const engine = { a: `path:${own.venv}` };
    expect(await said(engine, { model: '/no/such/model' })).toContain(
      `no such file or folder on ${destination}`,
    );
    await rm(join(own.model, 'model-00002-of-00002.safetensors'));
    expect(await said(engine)).toContain(
      '1 of the 2 files of weights in model.safetensors.index.json are missing',
    );
  });

  test.skipIf(noSlurm !== undefined)('are also started by that host’s Slurm', async () => {
    const cluster = await SlurmCluster.start();
    cleanups.push(() => cluster.stop());
    const gate = await SshServer.start({ ...cluster.env, PATH: pathWith() });
    cleanups.push(() => gate.stop());
    const on = { launcher: 'slurm', container: 'none' };
    await write({ ...gate.settings, on }, { slurm: `path:${own.venv}` });
    const [provenance] = await measured(['slurm']);
    expect(provenance).toMatchObject({
      image: { version: '0.24.0' },
      engine_version: '0.24.0',
      listener: 'proven',
    });
    expect(await cluster.jobs()).toEqual([]);
  });
});

test.skipIf(noSlurm !== undefined)(
  'engines installed on Slurm nodes are measured by folder and by command',
  async () => {
    const cluster = await SlurmCluster.start();
    cleanups.push(() => cluster.stop());
    await write(
      { launcher: 'slurm', container: 'none' },
      { folder: `path:${own.venv}`, command: 'command:vllm' },
    );
    const [byFolder, byCommand] = await measured(['folder', 'command'], {
      ...cluster.env,
      PATH: pathWith(join(own.venv, 'bin')),
    });
    for (const provenance of [byFolder, byCommand])
      expect(provenance).toMatchObject({
        image: { version: '0.24.0', digest: expect.stringMatching(/^sha256-/) },
        engine_version: '0.24.0',
        listener: 'proven',
        model: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      });
    expect(await cluster.jobs()).toEqual([]);
  },
);
