import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DockerStandIn } from '../../test/support/docker-stand-in.ts';
import { freePort } from '../../test/support/free-port.ts';
import { runProduct } from '../../test/support/product.ts';
import { SlurmCluster, slurmMissing } from '../../test/support/slurm-cluster.ts';
import type { Finding } from '../finding.ts';
import { thisMachine } from '../hosts/index.ts';
import { examinePlace } from '../launchers/index.ts';
import { nodeSettingsSchema } from '../launchers/pool-settings.ts';
import { environmentOf } from '../telemetry/index.ts';
import { examineMachine } from './machine.ts';

const missing = slurmMissing();
if (missing !== undefined) console.warn(`skipped: ${missing}`);

let folder: string;
const realPath = process.env.PATH ?? '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doctor-'));
  await mkdir(join(folder, 'bin'));
  process.env.PATH = `${join(folder, 'bin')}${delimiter}${realPath}`;
});
afterEach(async () => {
  vi.unstubAllEnvs();
  process.env.PATH = realPath;
  await rm(folder, { recursive: true, force: true });
});

const recorded = (name: string) => join(import.meta.dirname, '..', 'accelerators', 'testdata', name);

/** A fake vendor tool that prints a recorded answer. */
async function standIn(name: string, script: string): Promise<void> {
  const path = join(folder, 'bin', name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

async function examine(settings: Record<string, unknown>) {
  return await examinePlace(nodeSettingsSchema.parse(settings), 'runners/x.yaml');
}

/** These findings exist only on machines with AMD's driver. */
const isNotOfDriver = (finding: string) => !finding.includes('/dev/kfd');

function says(findings: readonly Finding[], check: string): string[] {
  return findings
    .filter((finding) => finding.check === check)
    .map(({ state, message }) => `${state}: ${message}`);
}

describe('for nodes with accelerators', () => {
  test('the output of NVIDIA’s tool is compared with the pool', async () => {
    await standIn(
      'nvidia-smi',
      `case "$*" in
        *compute-apps*) cat ${recorded('nvidia-smi-processes.txt')};;
        *name*) cat ${recorded('nvidia-smi-environment.txt')};;
        *) cat ${recorded('nvidia-smi-gpus.txt')};;
      esac`,
    );
    const port = await freePort();
    const findings = await examine({
      launcher: 'local',
      accelerator: 'nvidia',
      'accelerators-per-node': 8,
      port,
    });
    expect(says(findings, 'accelerators')).toEqual([
      'problem: 4 accelerators, and the pool says 8',
      'problem: busy: process 418233 (/usr/bin/python3) holds 126.8 GiB; process 418234 (/usr/bin/python3) holds 126.8 GiB',
    ]);
    expect(says(findings, 'port')).toEqual([`ok: port ${port} is free`]);
  });

  test.each([
    [
      'amd-smi',
      `case "$1" in
        process) cat ${recorded('amd-smi-process.json')};;
        static) cat ${recorded('amd-smi-static.json')};;
        metric) cat ${recorded('amd-smi-metric.json')};;
      esac`,
      '6.12.12',
    ],
    ['rocm-smi', `cat ${recorded('rocm-smi.json')}`, '6.10.5'],
  ])(
    'the output of AMD’s %s is compared, too; a taken port and missing CPUs are problems',
    async (...tool) => {
      const [name, script, driver] = tool;
      await standIn(name, script);
      const holder = createServer().listen(0, '127.0.0.1');
      await once(holder, 'listening');
      const address = holder.address();
      if (address === null || typeof address === 'string') throw new Error('no port');
      const findings = await examine({
        launcher: 'local',
        accelerator: 'amd',
        'accelerators-per-node': 2,
        port: address.port,
        cpus: '9000-9001',
      });
      holder.close();
      expect(says(findings, 'accelerators').filter(isNotOfDriver)).toEqual([
        `ok: 2 × AMD Instinct MI300X, driver ${driver}`,
        'problem: busy: process 99871 (VLLM::EngineCor) holds 182.1 GiB',
      ]);
      expect(says(findings, 'port')).toEqual([`problem: port ${address.port} on 127.0.0.1 is taken`]);
      expect(says(findings, 'cpus')).toEqual([
        expect.stringMatching(/^problem: engines cannot be pinned to CPUs 9000/),
      ]);
    },
  );

  test('a missing tool is a problem', async () => {
    const findings = await examine({ launcher: 'local', accelerator: 'amd' });
    expect(says(findings, 'accelerators').filter(isNotOfDriver)).toEqual([
      'problem: there is no command amd-smi; there is no command rocm-smi',
    ]);
  });
});

test('a variable that hides devices from local engines is a warning', async () => {
  vi.stubEnv('CUDA_VISIBLE_DEVICES', '0,1');
  const hidden = await examine({ launcher: 'local', accelerator: 'nvidia', port: await freePort() });
  expect(says(hidden, 'accelerators')).toContain(
    'warning: CUDA_VISIBLE_DEVICES is set, so engines see only devices 0,1',
  );
  const other = await examine({ launcher: 'local', accelerator: 'amd', port: await freePort() });
  expect(says(other, 'accelerators').join()).not.toContain('CUDA');
});

test('for this machine: the hardware facts in its results', async () => {
  await standIn('nvidia-smi', `cat ${recorded('nvidia-smi-environment.txt')}`);
  const folders = { recordFolder: join(folder, 'engines'), stateDir: folder, cacheDir: folder };
  const findings = await examineMachine(folders);
  const { os, kernel, cpu } = await environmentOf(thisMachine);
  expect(says(findings, 'environment')).toEqual([
    expect.stringContaining(`ok: ${os}, Linux ${kernel}, ${cpu?.count} × ${cpu?.model}, `),
  ]);
  expect(says(findings, 'accelerators')).toEqual(['ok: 4 × NVIDIA H200, driver 570.124.06']);
});

test('for docker: whether it answers, and whether containers get GPUs', async () => {
  const docker = await DockerStandIn.create(join(folder, 'docker'));
  process.env.PATH = `${docker.binFolder}${delimiter}${process.env.PATH}`;
  const findings = await examine({ launcher: 'docker', accelerator: 'nvidia' });
  expect(says(findings, 'docker')).toEqual([
    'ok: docker stand-in',
    'problem: it has no nvidia runtime, so containers get no GPU',
  ]);
  expect(says(findings, 'secrets')).toEqual(['warning: HF_TOKEN is not set']);
});

test.skipIf(missing !== undefined)('for a real Slurm: partition, nodes, GPUs, containers', async () => {
  const cluster = await SlurmCluster.start({ gpusPerNode: 2 });
  try {
    Object.assign(process.env, cluster.env);
    const slurm = { launcher: 'slurm', accelerator: 'nvidia', 'accelerators-per-node': 2 };
    const good = await examine({ ...slurm, partition: 'main', 'squash-dir': folder });
    expect(says(good, 'slurm')).toEqual([expect.stringMatching(/^ok: slurm/)]);
    expect(says(good, 'partition')).toEqual(['ok: 1 of 1 nodes of partition main are usable']);
    expect(says(good, 'containers')).toEqual([
      'problem: srun does not know --container-image',
      `ok: images are kept in ${folder}`,
    ]);
    expect(says(await examine({ ...slurm, 'accelerators-per-node': 8 }), 'partition')).toEqual([
      'problem: nodes of the default partition have 2 gpu, and the pool says 8',
    ]);
    expect(says(await examine({ ...slurm, partition: 'no-such' }), 'partition')).toEqual([
      'problem: partition no-such has no nodes or does not exist',
    ]);
    await cluster.command('scontrol', 'update', `nodename=${cluster.nodes[0]}`, 'state=drain', 'reason=test');
    expect(says(await examine({ ...slurm, partition: 'main' }), 'partition')).toEqual([
      'problem: none of the 1 nodes of partition main is usable',
    ]);
  } finally {
    await cluster.stop();
  }
});

test('the command prints fixes, also as JSON, and fails only if a sweep would', async () => {
  const good = await runProduct(['doctor', '--pool', 'cpu', '--json'], { cwd: folder });
  const { ok, examinations } = JSON.parse(good.stdout);
  expect({ code: good.code, ok }).toEqual({ code: ok ? 0 : 1, ok });
  expect(examinations.map(({ subject }: { subject: string }) => subject)).toEqual([
    'this machine',
    'configs of cpu',
    'pool cpu by local: cpu-local_0',
  ]);
  await mkdir(join(folder, 'runners'));
  await writeFile(join(folder, 'runners', 'cpu.yaml'), 'launcher: local\naccelerator: amd\n');
  const bad = await runProduct(['doctor', '--pool', 'cpu'], { cwd: folder });
  expect(bad.code).toBe(1);
  expect(bad.stdout).toMatch(
    / {2}problem {2}accelerators {2}there is no command amd-smi; there is no command rocm-smi\n {2,}install the driver, or correct accelerator in runners\/cpu\.yaml\n/,
  );
  const unknown = await runProduct(['doctor', '--pool', 'h900'], { cwd: folder });
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain("unknown runner pool 'h900'");
});

test('a folder that is not writable is a problem, and a missing one is not created', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  const before = await readdir(folder);
  const findings = await examineMachine({
    recordFolder: join(folder, 'state', 'engines'),
    stateDir: join(folder, 'state'),
    cacheDir: join(file, 'cache'),
  });
  const [state, cache] = says(findings, 'disk');
  expect(state).toMatch(/GB free for the state/);
  expect(cache).toContain(`problem: the cache in ${join(file, 'cache')} cannot be written: `);
  expect(says(findings, 'engines')).toEqual(['ok: no engine is running']);
  expect(await readdir(folder)).toEqual(before);
});
