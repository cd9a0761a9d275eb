import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../../test/support/free-port.ts';
import { expectImpostorRefused, leavingServer } from '../../../test/support/impostor.ts';
import { openLauncher } from '../../../test/support/open-launcher.ts';
import { SlurmCluster, slurmMissing } from '../../../test/support/slurm-cluster.ts';
import { imageFileName } from '../container-image.ts';
import type { Reservation } from '../launcher.ts';
import { nodeSettingsSchema } from '../pool-settings.ts';
import { slurmLauncher } from './index.ts';

const missing = slurmMissing();
if (missing !== undefined) console.warn(`skipped: ${missing}`);

let cluster: SlurmCluster;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slurm-identity-'));
  if (missing !== undefined) return;
  cluster = await SlurmCluster.start();
  Object.assign(process.env, cluster.env);
});
afterAll(async () => {
  await cluster?.stop();
  await rm(folder, { recursive: true, force: true });
});

const context = { signal: new AbortController().signal, onProgress: () => {} };

async function withJob(image: string, settings: object, use: (place: Reservation) => Promise<void>) {
  const launcher = openLauncher(
    slurmLauncher(),
    nodeSettingsSchema.parse({ launcher: 'slurm', ...settings }),
    join(folder, 'engines'),
  );
  const about = { sessionId: 's', image, acceleratorCount: 1, nodeCount: 1 };
  const place = await launcher.reserve({ ...about, workDir: join(folder, 'session') }, context);
  try {
    await use(place);
  } finally {
    await place.release();
  }
  expect(await cluster.jobs()).toEqual([]);
}

describe.skipIf(missing !== undefined)('on a real cluster', () => {
  test('a foreign server on the engine’s port of the node is not mistaken for the engine', async () => {
    await withJob('path:/engine', { container: 'none' }, async (place) => {
      const port = await freePort();
      const argv = [process.execPath, '-e', leavingServer, String(port)];
      const logPath = join(folder, 'engine.log');
      const request = { sessionId: 's', argv, env: {}, host: '0.0.0.0', port, logPath };
      await expectImpostorRefused(await place.start(request, context), port);
    });
  });

  test('an imported image is identified by its checksum, and by the digest that its name pins', async () => {
    const squash = join(folder, 'squash');
    await mkdir(squash);
    const id = `sha256:${createHash('sha256').update('squashed').digest('hex')}`;
    const digest = `sha256:${'4'.repeat(64)}`;
    for (const [image, pinned] of [
      ['vllm/vllm-openai:v0.24.0', {}],
      [`vllm/vllm-openai@${digest}`, { digest }],
    ] as const) {
      const file = join(squash, `${imageFileName(image)}.sqsh`);
      await writeFile(file, 'squashed');
      await withJob(image, { 'squash-dir': squash }, async (place) => {
        expect(place.image).toEqual({ id, ...pinned });
      });
    }
    expect(await readdir(squash)).toHaveLength(4);
  });
});
