import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { containerRoot } from '../../../test/support/container-root.ts';
import { DockerDaemon, dockerDaemonMissing } from '../../../test/support/docker-daemon.ts';
import { freePort } from '../../../test/support/free-port.ts';
import { expectImpostorRefused, leavingServer } from '../../../test/support/impostor.ts';
import { openLauncher } from '../../../test/support/open-launcher.ts';
import { thisMachine } from '../../hosts/index.ts';
import type { LaunchRequest } from '../launcher.ts';
import { nodeSettingsSchema } from '../pool-settings.ts';
import { engineDied, waitUntilReady } from '../readiness.ts';
import { dockerLauncher } from './index.ts';

const missing = dockerDaemonMissing();
if (missing !== undefined) console.warn(`skipped: ${missing}`);

const image = 'local/engine:1';
const context = { signal: new AbortController().signal, onProgress: () => {} };
const ready = { healthPath: '/', timeoutS: 60, signal: context.signal };
const server = `
  const server = require('node:http').createServer((request, response) => { console.log('asked ' + request.url); response.end(String(process.pid)); });
  server.listen(Number(process.argv[1]), '127.0.0.1');
`;

let folder: string;
let daemon: DockerDaemon;
const before = process.env.DOCKER_HOST;
const cleanups: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'real-docker-'));
  if (missing !== undefined) return;
  daemon = await DockerDaemon.start(join(folder, 'daemon'), { liveRestore: true });
  Object.assign(process.env, daemon.env);
  const archive = join(folder, 'root.tar');
  await containerRoot(archive);
  daemon.importRoot(archive, image);
}, 120_000);
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
afterAll(async () => {
  if (missing === undefined) await daemon.stop();
  if (before === undefined) delete process.env.DOCKER_HOST;
  else process.env.DOCKER_HOST = before;
  await rm(folder, { recursive: true, force: true });
}, 60_000);

const launcherWith = (changes: Record<string, unknown> = {}) =>
  openLauncher(
    dockerLauncher({ graceS: 1 }),
    nodeSettingsSchema.parse({ launcher: 'docker', ...changes }),
    join(folder, 'engines'),
  );

async function start(changes: Partial<LaunchRequest> = {}, settings: Record<string, unknown> = {}) {
  const port = await freePort();
  const workDir = join(folder, `session-${port}`);
  const reserved = { sessionId: 's', image, acceleratorCount: 1, nodeCount: 1, workDir };
  const place = await launcherWith(settings).reserve(reserved, context);
  cleanups.push(() => place.release());
  const logPath = join(folder, `${port}.log`);
  const argv = ['node', '-e', server, String(port)];
  const request = { sessionId: 's', argv, env: {}, host: '127.0.0.1', port, logPath, ...changes };
  const engine = await place.start(request, context);
  cleanups.push(() => engine.stop());
  return { place, engine, logPath };
}

const ask = async (url: string) => await (await fetch(url)).text();
const containers = () => daemon.docker('ps', '--all', '--quiet', '--filter', 'label=inferencemax.token');

describe.skipIf(missing !== undefined)('with a real daemon', { timeout: 120_000 }, () => {
  test('an engine runs, says which image it is, and leaves nothing', async () => {
    const { place, engine } = await start();
    await waitUntilReady(engine, ready);
    expect(place.image).toEqual({ id: daemon.docker('image', 'inspect', '--format', '{{.Id}}', image) });
    await engine.stop();
    expect(containers()).toBe('');
    expect(await readdir(join(folder, 'engines'))).toEqual([]);
  });

  test('a server outside its container that takes its port is not taken for it', async () => {
    const port = await freePort();
    const { engine } = await start({ argv: ['node', '-e', leavingServer, String(port)], port });
    await expectImpostorRefused(engine, port);
  });

  test('a daemon that is restarted with live-restore: the engine serves on, and its log and end are seen', async () => {
    const { engine, logPath } = await start();
    await waitUntilReady(engine, ready);
    const first = await ask(`${engine.baseUrl}/first`);
    await daemon.end();
    expect(await ask(`${engine.baseUrl}/between`)).toBe(first);
    await daemon.startAgain({ liveRestore: true });
    await expect
      .poll(
        async () => {
          expect(await ask(`${engine.baseUrl}/after`)).toBe(first);
          return await readFile(logPath, 'utf8');
        },
        { timeout: 60_000, interval: 500 },
      )
      .toContain('asked /after');
    daemon.docker('kill', containers());
    expect(await engine.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await engine.stop();
    expect(containers()).toBe('');
  });

  test('a daemon that is restarted without: the engine has ended, stopping it works, and another can be started', async () => {
    await daemon.end();
    await daemon.startAgain();
    const { engine } = await start();
    await waitUntilReady(engine, ready);
    await daemon.end();
    await daemon.startAgain({ liveRestore: true });
    // A daemon that is back at once may not have been missed: the engine has died then, and is measured again as well.
    const { failureClass } = await engineDied(engine, await engine.exited);
    expect(['node-lost', 'engine-died']).toContain(failureClass);
    await engine.stop();
    expect(containers()).toBe('');
    const again = await start();
    await waitUntilReady(again.engine, ready);
  });

  test('a container that somebody else kills or removes is an engine that died', async () => {
    for (const verb of [['kill'], ['rm', '--force']]) {
      const { engine } = await start();
      await waitUntilReady(engine, ready);
      daemon.docker(...verb, containers());
      expect(await engineDied(engine, await engine.exited)).toMatchObject({
        failureClass: 'engine-died',
        facts: { signal: 'SIGKILL' },
      });
      await engine.stop();
    }
  });

  test('what the image lacks, what docker may not do, and what the engine says by its exit are told apart', async () => {
    const end = async (changes: Partial<LaunchRequest>, settings = {}) => {
      const { engine } = await start(changes, settings);
      const exit = await engine.exited;
      await engine.stop();
      return exit;
    };
    expect(await end({ argv: ['vllm'] })).toMatchObject({ reason: { failureClass: 'image-unfit' } });
    expect(await end({}, { 'docker-args': ['--runtime', 'no-such-runtime'] })).toMatchObject({
      reason: { failureClass: 'cannot-start', message: expect.stringContaining('no-such-runtime') },
    });
    expect(await end({ argv: ['sh', '-c', 'exit 127'] })).toEqual({ code: 127, signal: null });
    expect(containers()).toBe('');
  });

  test('the doctor starts a container, and leaves none', async () => {
    const examined = async (changes: object) =>
      (
        await dockerLauncher().examine(
          nodeSettingsSchema.parse({ launcher: 'docker', ...changes }),
          thisMachine,
          'runners/x.yaml',
        )
      ).map(({ state, message }) => `${state}: ${message}`);
    expect(await examined({})).toContain("ok: it starts containers with the pool's settings");
    expect(await examined({ 'docker-args': ['--runtime', 'no-such-runtime'] })).toContainEqual(
      expect.stringMatching(
        /^problem: it cannot start a container with the pool's settings: .*no-such-runtime/,
      ),
    );
    expect(containers()).toBe('');
  });
});
