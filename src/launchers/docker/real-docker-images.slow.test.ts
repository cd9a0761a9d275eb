import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { canMount } from '../../../test/support/can-mount.ts';
import { containerRoot } from '../../../test/support/container-root.ts';
import { DockerDaemon, dockerDaemonMissing } from '../../../test/support/docker-daemon.ts';
import { ImageRegistry } from '../../../test/support/image-registry.ts';
import { openLauncher } from '../../../test/support/open-launcher.ts';
import { explainLog } from '../../failures/index.ts';
import { thisMachine } from '../../hosts/index.ts';
import { EngineFailure } from '../engine-failure.ts';
import { nodeSettingsSchema } from '../pool-settings.ts';
import { dockerLauncher } from './index.ts';

const missing = dockerDaemonMissing();
if (missing !== undefined) console.warn(`skipped: ${missing}`);

let folder: string;
let registry: ImageRegistry;
let daemon: DockerDaemon;
const before = process.env.DOCKER_HOST;
const cleanups: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'real-docker-images-'));
  if (missing !== undefined) return;
  const archive = join(folder, 'root.tar');
  await containerRoot(archive);
  registry = await ImageRegistry.start(archive);
  daemon = await DockerDaemon.start(join(folder, 'daemon'));
  Object.assign(process.env, daemon.env);
}, 120_000);
afterEach(async () => {
  if (missing !== undefined) return;
  registry.fault = undefined;
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  // All images share one layer, which would not be pulled again.
  for (const image of images()) daemon.docker('image', 'rm', image);
});
afterAll(async () => {
  if (missing === undefined) {
    await daemon.stop();
    await registry.stop();
  }
  if (before === undefined) delete process.env.DOCKER_HOST;
  else process.env.DOCKER_HOST = before;
  await rm(folder, { recursive: true, force: true });
}, 60_000);

const settingsWith = (changes: object) => nodeSettingsSchema.parse({ launcher: 'docker', ...changes });

/** Reserves a node with an image; progress messages go into `progress`. */
async function hold(
  image: string,
  {
    settings = {},
    progress = [],
    aborted = new AbortController(),
  }: { readonly settings?: object; readonly progress?: string[]; readonly aborted?: AbortController } = {},
) {
  const launcher = openLauncher(
    dockerLauncher({ pullPauseMs: 500 }),
    settingsWith(settings),
    join(folder, 'engines'),
  );
  const workDir = join(folder, 'session');
  const place = await launcher.reserve(
    { sessionId: 's', image, acceleratorCount: 1, nodeCount: 1, workDir },
    { signal: aborted.signal, onProgress: ({ what }) => progress.push(what) },
  );
  cleanups.push(() => place.release());
  return place;
}

const images = () =>
  daemon.docker('image', 'ls', '--format', '{{.Repository}}:{{.Tag}}').split('\n').filter(Boolean);

/** How a sweep classifies the failure to pull an image. */
async function failureOf(image: string): Promise<string> {
  const error = await hold(image).catch((reason: unknown) => reason);
  if (!(error instanceof EngineFailure)) throw new Error(`${image} was pulled`, { cause: error });
  const { failureClass, meaning } = explainLog(error.logs.join('\n')) ?? {};
  return `${failureClass}: ${meaning}`;
}

describe.skipIf(missing !== undefined)('images with a real daemon', { timeout: 120_000 }, () => {
  test('identifies an image by ID and digest, and removes it after the session only if the session pulled it and the pool says so', async () => {
    const [kept, removed] = [registry.reference('kept'), registry.reference('removed')];
    const progress: string[] = [];
    const place = await hold(kept, { progress });
    const id = daemon.docker('image', 'inspect', '--format', '{{.Id}}', kept);
    expect(place.image).toEqual({ id, digest: registry.digest });
    expect(progress).toEqual([
      `docker to pull ${kept}`,
      `docker to pull ${kept} (0 of 1 layers)`,
      `docker to pull ${kept} (1 of 1 layers)`,
    ]);
    const settings = { cleanup: 'remove-image' };
    for (const image of [kept, removed]) await (await hold(image, { settings })).release();
    expect(images()).toEqual([kept]);
  });

  test('retries after a transient error of the registry, and recognises a refusal', async () => {
    const image = registry.reference('again');
    const progress: string[] = [];
    // Docker itself retries a few times.
    registry.fault = { status: 503, times: Number.POSITIVE_INFINITY };
    const holding = hold(image, { progress });
    await expect
      .poll(() => progress)
      .toContainEqual(expect.stringMatching(/^the next attempt to pull .*503/));
    registry.fault = undefined;
    await holding;

    expect(await failureOf(registry.reference('again', 'no-such-tag'))).toMatch(/^not-permitted: /);
    for (const status of [401, 403]) {
      registry.fault = { status, times: Number.POSITIVE_INFINITY };
      expect(await failureOf(registry.reference('private'))).toMatch(/^not-permitted: /);
    }
  });

  test('an interruption ends a pull and leaves no image', async () => {
    const image = registry.reference('interrupted');
    registry.fault = { layers: 'stalled', times: 1 };
    const aborted = new AbortController();
    const progress: string[] = [];
    const holding = hold(image, { aborted, progress });
    holding.catch(() => {});
    await expect.poll(() => progress).toContain(`docker to pull ${image} (0 of 1 layers)`);
    aborted.abort(new Error('interrupted'));
    await expect(holding).rejects.toThrow('interrupted');
    expect(images()).not.toContain(image);
    await hold(image);
    expect(images()).toContain(image);
  });

  test("checks the disk of Docker's root directory before a pull and in the doctor", async () => {
    const settings = { 'disk-space-gb': 1e9 };
    const disk = join(folder, 'daemon', 'data');
    await expect(hold(registry.reference('large'), { settings })).rejects.toMatchObject({
      failureClass: 'node-broken',
      message: expect.stringContaining(`the disk of ${disk} has`),
    });
    const found = await dockerLauncher().examine(settingsWith(settings), thisMachine, 'runners/x.yaml');
    expect(found.map(({ message }) => message)).toContainEqual(
      expect.stringContaining(`the disk of Docker's root directory (${disk}) has`),
    );
  });

  test.skipIf(!canMount())('recognises a disk that fills up during a pull', async () => {
    const small = join(folder, 'small');
    await mkdir(join(small, 'data'), { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', join(small, 'data')]);
    const full = await DockerDaemon.start(small);
    Object.assign(process.env, full.env);
    cleanups.push(async () => {
      await full.stop();
      Object.assign(process.env, daemon.env);
    });
    expect(await failureOf(registry.reference('too-large'))).toBe(
      'node-broken: a disk of the node is full: no space left',
    );
  });
});
