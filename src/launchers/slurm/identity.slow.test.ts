import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../../../test/support/free-port.ts';
import { expectImpostorRefused, leavingServer } from '../../../test/support/impostor.ts';
import { openLauncher } from '../../../test/support/open-launcher.ts';
import { SlurmCluster, slurmMissing } from '../../../test/support/slurm-cluster.ts';
import { nodeSettingsSchema } from '../pool-settings.ts';
import { slurmLauncher } from './index.ts';

const missing = slurmMissing();
if (missing !== undefined) console.warn(`skipped: ${missing}`);

test.skipIf(missing !== undefined)(
  'a server on the node that takes the port of a job’s engine is not taken for it',
  async () => {
    const cluster = await SlurmCluster.start();
    const folder = await mkdtemp(join(tmpdir(), 'slurm-impostor-'));
    Object.assign(process.env, cluster.env);
    try {
      const launcher = openLauncher(
        slurmLauncher(),
        nodeSettingsSchema.parse({ launcher: 'slurm', container: 'none' }),
        join(folder, 'engines'),
      );
      const context = { signal: new AbortController().signal, onProgress: () => {} };
      const about = { sessionId: 's', image: 'path:/engine', acceleratorCount: 1, nodeCount: 1 };
      const place = await launcher.reserve({ ...about, workDir: join(folder, 'session') }, context);
      const port = await freePort();
      const argv = [process.execPath, '-e', leavingServer, String(port)];
      const logPath = join(folder, 'engine.log');
      try {
        const request = { sessionId: 's', argv, env: {}, host: '0.0.0.0', port, logPath };
        await expectImpostorRefused(await place.start(request, context), port);
      } finally {
        await place.release();
      }
      expect(await cluster.jobs()).toEqual([]);
    } finally {
      await cluster.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
);
