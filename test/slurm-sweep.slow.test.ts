import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Scene } from './stand-in/scene.ts';
import { DcgmExporter } from './support/dcgm-exporter.ts';
import { SlurmCluster, slurmMissing } from './support/slurm-cluster.ts';

const missing = slurmMissing();
if (missing !== undefined) console.warn(`skipped: ${missing}`);
let cluster: SlurmCluster;
beforeAll(async () => {
  if (missing === undefined) cluster = await SlurmCluster.start();
});
afterAll(async () => {
  await cluster?.stop();
});

async function sceneOnSlurm(tokenMs: number, settings = ''): Promise<Scene> {
  const scene = await Scene.open({ tokenMs });
  await mkdir(join(scene.folder, 'runners'));
  await writeFile(
    join(scene.folder, 'runners', 'cpu.yaml'),
    `launcher: slurm\ncontainer: none\nhost: 0.0.0.0\n${settings}`,
  );
  return scene;
}

describe.skipIf(missing !== undefined)('a sweep whose pool is a Slurm partition', () => {
  test('measures every point in one job, with the power of its node, and leaves no job behind', async () => {
    await using exporter = await DcgmExporter.start('test-node-0', [500]);
    await using scene = await sceneOnSlurm(1, `dcgm-exporter: ${exporter.port}\n`);
    const product = scene.start(scene.runArgs, cluster.env);
    await product.event(({ type }) => type === 'point-started');
    expect(await cluster.jobs()).toHaveLength(1);
    expect(await product.exited, product.stderr).toBe(0);
    await scene.expectNothingLostOrDoubled();
    await scene.expectNoOrphan();
    expect(await cluster.jobs()).toEqual([]);
    const [run = ''] = await scene.sweeps();
    const rows = await Promise.all(
      (await readdir(join(run, 'agg'))).map(
        async (name): Promise<unknown> => JSON.parse(await readFile(join(run, 'agg', name), 'utf8')),
      ),
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row).toMatchObject({ power_valid: 1, avg_power_w: 500 });
    expect(await readdir(join(run, 'power'))).toHaveLength(rows.length);
  });

  test('Ctrl-C cancels its job', async () => {
    await using scene = await sceneOnSlurm(50);
    const product = scene.start(scene.runArgs, cluster.env);
    await product.event(({ type }) => type === 'point-started');
    product.child.kill('SIGINT');
    expect(await product.exited, product.stderr).toBe(130);
    await scene.expectNoOrphan();
    expect(await cluster.jobs()).toEqual([]);
  });

  test('after kill -9 of InferenceMAX, the next start cancels its job and measures the rest', async () => {
    await using scene = await sceneOnSlurm(20);
    const first = scene.start(scene.runArgs, cluster.env);
    await first.event(({ type }) => type === 'point-finished');
    first.child.kill('SIGKILL');
    await first.exited;
    const [left] = await cluster.jobs();
    expect(left).toBeDefined();
    const second = scene.start(scene.resumeArgs, cluster.env);
    expect(await second.exited, second.stderr).toBe(0);
    expect(second.events.filter(({ type }) => type === 'orphan-ended')).toHaveLength(1);
    await scene.expectNothingLostOrDoubled();
    await scene.expectNoOrphan();
    expect(await cluster.jobs()).toEqual([]);
  });

  test.each([
    [
      'kill -9 of the engine’s step restarts it in the same job',
      async () => ['--signal=KILL', ...(await cluster.engineSteps())],
      'engine-died',
    ],
    [
      'if its job is cancelled externally, the session continues in another job',
      async () => await cluster.jobs(),
      'preempted',
    ],
  ])('%s', async (_, cancelled, failureClass) => {
    await using scene = await sceneOnSlurm(20);
    const product = scene.start(scene.runArgs, cluster.env);
    await product.event(({ type }) => type === 'point-started');
    await cluster.command('scancel', ...(await cancelled()));
    expect(await product.exited, product.stderr).toBe(0);
    expect(product.events.filter(({ type }) => type === 'point-failed')).toMatchObject([
      { failureClass, willRetry: true },
    ]);
    await scene.expectNothingLostOrDoubled();
    await scene.expectNoOrphan();
    expect(await cluster.jobs()).toEqual([]);
  });
});
