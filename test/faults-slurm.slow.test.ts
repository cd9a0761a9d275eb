import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { behave } from './stand-in/engine.ts';
import { Scene } from './stand-in/scene.ts';
import type { PrintedEvent } from './support/product.ts';
import { SlurmCluster, slurmMissing } from './support/slurm-cluster.ts';

const missing = slurmMissing();
if (missing !== undefined) console.warn(`skipped: ${missing}`);

let cluster: SlurmCluster;
let scene: Scene;
afterEach(async () => {
  await scene?.[Symbol.asyncDispose]();
  await cluster?.stop();
});

const isType = (type: string) => (event: PrintedEvent) => event.type === type;

/** A fake engine in a pool whose only node passes its sessions to a real Slurm. */
async function onSlurm(nodeCount: number): Promise<Record<string, string>> {
  cluster = await SlurmCluster.start({ nodeCount, slurmdTimeoutS: 5 });
  scene = await Scene.open({ tokenMs: 10 });
  await mkdir(join(scene.folder, 'runners'));
  await writeFile(
    join(scene.folder, 'runners', 'cpu.yaml'),
    'launcher: slurm\ncontainer: none\ngres: none\nhost: 127.0.0.1\n',
  );
  return { ...cluster.env };
}

describe.skipIf(missing !== undefined)('a sweep on a real Slurm', () => {
  test('after kill -9 of InferenceMAX, the next run cancels only its job and measures the rest', async () => {
    const env = await onSlurm(1);
    const first = scene.start(scene.runArgs, env);
    await first.event(isType('point-finished'));
    expect(await cluster.jobs()).toHaveLength(1);
    first.child.kill('SIGKILL');
    await first.exited;

    const second = scene.start(scene.resumeArgs, env);
    expect(await second.exited, second.stderr).toBe(0);
    await scene.expectNothingLostOrDoubled();
    await scene.expectNoOrphan();
    expect(await cluster.jobs()).toEqual([]);
    expect(await scene.story()).toMatchObject({ state: 'finished', runs: 2, points: { finished: 3 } });
  });

  test('a killed step is restarted in the same job', async () => {
    const env = await onSlurm(1);
    const product = scene.start(scene.runArgs, env);
    await product.event(isType('point-started'));
    await cluster.command('scancel', '--signal=KILL', ...(await cluster.engineSteps()));
    expect(await product.exited, product.stderr).toBe(0);
    await scene.expectNothingLostOrDoubled();
    await scene.expectNoOrphan();
    expect(await cluster.jobs()).toEqual([]);
    const story = await scene.story();
    expect(story).toMatchObject({ engineStarts: 2, points: { finished: 3 } });
    expect(story.sessions.flatMap(({ points }) => points.flatMap(({ failures }) => failures))).toMatchObject([
      { failureClass: 'engine-died', next: 'same-node' },
    ]);
  });

  test('kill -9 of slurmd and its processes: the node is lost, and the session continues in a job on another node', async () => {
    const env = await onSlurm(2);
    const startLog = join(scene.folder, 'starts');
    await behave(scene.folder, { tokenMs: 200, startLog });
    const product = scene.start(scene.runArgs, env);
    await product.event(isType('point-started'));
    await behave(scene.folder, { tokenMs: 2 });
    const node = await cluster.command('squeue', '--noheader', '--format=%N');
    await cluster.killNode(node);
    // Like a power failure: the processes that slurmd started are gone as well.
    const engine = Number(await readFile(startLog, 'utf8'));
    for (const pid of [await parentOf(engine), engine]) process.kill(pid, 'SIGKILL');
    expect(await product.exited, product.stderr).toBe(0);
    await scene.expectNothingLostOrDoubled();
    await scene.expectNoOrphan();
    const story = await scene.story();
    expect(story).toMatchObject({ state: 'finished', engineStarts: 2, points: { finished: 3 } });
    expect(story.sessions.flatMap(({ points }) => points.flatMap(({ failures }) => failures))).toMatchObject([
      { failureClass: 'node-lost', next: 'same-node' },
    ]);
  });
});

async function parentOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}
