import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { onePoint, Scene } from './stand-in/scene.ts';
import { runProduct } from './support/product.ts';
import { SlurmCluster, slurmMissing } from './support/slurm-cluster.ts';

const missing = slurmMissing();
if (missing !== undefined) console.warn(`skipped: ${missing}`);

let cluster: SlurmCluster;
let scene: Scene;
afterEach(async () => {
  await scene?.[Symbol.asyncDispose]();
  await cluster?.stop();
});

test.skipIf(missing !== undefined)(
  'a Slurm node that breaks an engine is excluded from jobs until the doctor finds it healthy',
  async () => {
    cluster = await SlurmCluster.start({ nodeCount: 2 });
    scene = await Scene.open({}, { changes: onePoint });
    const [broken = '', good = ''] = cluster.nodes;
    const mark = join(scene.folder, 'broken');
    const start = join(scene.folder, 'start.sh');
    // The program that the cluster runs: on the broken node, an engine fails like with broken GPU memory.
    await writeFile(mark, '');
    await writeFile(
      start,
      `#!/bin/sh
if test "$SLURMD_NODENAME" = "${broken}" && test -e "${mark}"; then
  echo 'ERROR torch.AcceleratorError: CUDA error: uncorrectable ECC error encountered'
  exit 1
fi
exec "$@"
`,
    );
    await chmod(start, 0o755);
    await mkdir(join(scene.folder, 'runners'));
    await writeFile(
      join(scene.folder, 'runners', 'cpu.yaml'),
      `launcher: slurm\ncontainer: none\ngres: none\nhost: 127.0.0.1\nsrun-args: [${start}]\n`,
    );
    const env = { ...cluster.env };
    const run = async () => {
      const product = scene.start(scene.runArgs, env);
      expect(await product.exited, product.stderr).toBe(0);
      const { sessions, nodes } = await scene.story();
      return { failures: sessions.flatMap(({ failures }) => failures), nodes, told: product.stderr };
    };
    const doctor = async (...args: string[]) =>
      await runProduct(['doctor', '--pool', 'cpu', '--config-files', 'master.yaml', ...args, ...doctorArgs], {
        cwd: scene.folder,
        env,
      });
    const doctorArgs = ['--runner-config', 'runners.yaml', '--cache-dir', 'cache'];

    // It fails there, the node is reported by its cluster name, and the session continues on another node.
    const first = await run();
    expect(first.failures).toMatchObject([{ failureClass: 'node-broken', next: 'other-node' }]);
    expect(first.nodes.find(({ name }) => name === broken)?.quarantined).toContain('ECC');

    // The next sweep excludes the node from the start, and says so.
    const second = await run();
    expect(second.failures).toEqual([]);
    expect(second.told).toContain(`doctor --pool cpu --node ${broken}`);
    expect((await doctor()).stdout).toMatch(new RegExp(`${broken}: since .*ECC`));

    // The doctor does not return the node to service while it has a problem.
    await cluster.command('scontrol', 'update', `nodename=${broken}`, 'state=drain', 'reason=mending');
    const sick = await doctor('--node', broken);
    expect([sick.code, sick.stdout]).toEqual([1, expect.stringContaining(`it is out of use since`)]);

    // Once repaired, it is used again, even as the only node.
    await rm(mark);
    await cluster.command('scontrol', 'update', `nodename=${broken}`, 'state=resume');
    const well = await doctor('--node', broken);
    expect(well.stdout, well.stderr).toContain('sweeps use it again');
    await cluster.command('scontrol', 'update', `nodename=${good}`, 'state=drain', 'reason=test');
    expect((await run()).failures).toEqual([]);
  },
  300_000,
);
