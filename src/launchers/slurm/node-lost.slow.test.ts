import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../../test/support/free-port.ts';
import { openLauncher } from '../../../test/support/open-launcher.ts';
import { SlurmCluster, slurmMissing } from '../../../test/support/slurm-cluster.ts';
import { nodeSettingsSchema } from '../pool-settings.ts';
import { engineDied, waitUntilReady } from '../readiness.ts';
import { slurmLauncher } from './index.ts';

const missing = slurmMissing();
if (missing !== undefined) console.warn(`skipped: ${missing}`);
let cluster: SlurmCluster;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'node-lost-'));
  if (missing !== undefined) return;
  cluster = await SlurmCluster.start({ slurmdTimeoutS: 5 });
  Object.assign(process.env, cluster.env);
});
afterAll(async () => {
  await cluster?.stop();
  await rm(folder, { recursive: true, force: true });
});

test.skipIf(missing !== undefined)(
  'kill -9 of slurmd: the node is reported as lost, all calls return, and the engine ends when the node is back',
  async () => {
    const port = await freePort();
    const settings = nodeSettingsSchema.parse({ launcher: 'slurm', container: 'none' });
    const times = { watchMs: 500, graceMs: 2_000, cancelMs: 20_000 };
    const launcher = openLauncher(slurmLauncher(times), settings, join(folder, 'engines'));
    const context = { signal: new AbortController().signal, onProgress: () => {} };
    const workDir = join(folder, 'session');
    const place = await launcher.reserve(
      { sessionId: 's', image: 'x', acceleratorCount: 1, nodeCount: 1, workDir },
      context,
    );
    const script = `require('node:http').createServer((_, r) => r.end('ok')).listen(${port}, '127.0.0.1')`;
    const engine = await place.start(
      {
        sessionId: 's',
        argv: [process.execPath, '-e', script],
        env: {},
        host: '127.0.0.1',
        port,
        logPath: join(folder, 'engine.log'),
      },
      context,
    );
    await waitUntilReady(engine, { healthPath: '/', timeoutS: 20, signal: context.signal });
    const [node = ''] = cluster.nodes;
    await cluster.killNode(node);
    expect(await engineDied(engine, await engine.exited)).toMatchObject({ failureClass: 'node-lost' });
    await engine.stop();
    await place.release();
    expect(await readdir(join(folder, 'engines'))).toEqual([]);

    await cluster.startNode(node);
    for (const start = performance.now(); await answers(port); await delay(200)) {
      if (performance.now() - start > 60_000)
        throw new Error('the engine still runs on the node that is back');
    }
    expect(await cluster.jobs()).toEqual([]);
  },
);

async function answers(port: number): Promise<boolean> {
  return await fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  );
}
