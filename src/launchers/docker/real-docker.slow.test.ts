import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { containerRoot } from '../../../test/support/container-root.ts';
import { DockerDaemon, dockerDaemonMissing } from '../../../test/support/docker-daemon.ts';
import { freePort } from '../../../test/support/free-port.ts';
import { expectImpostorRefused, leavingServer } from '../../../test/support/impostor.ts';
import { productKilledWithEngine } from '../../../test/support/killed-product.ts';
import { openLauncher, statementThatOpens } from '../../../test/support/open-launcher.ts';
import { defined } from '../../defined/defined.ts';
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

const records = () => join(folder, 'engines');
const launcherWith = (changes: Record<string, unknown> = {}) =>
  openLauncher(
    dockerLauncher({ graceS: 1 }),
    nodeSettingsSchema.parse({ launcher: 'docker', ...changes }),
    records(),
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

/** How an engine ends by itself. */
async function endOf(changes: Partial<LaunchRequest>, settings: Record<string, unknown> = {}) {
  const { engine } = await start(changes, settings);
  const exit = await engine.exited;
  await engine.stop();
  return exit;
}

const examined = async (changes: object) =>
  await dockerLauncher().examine(
    nodeSettingsSchema.parse({ launcher: 'docker', ...changes }),
    thisMachine,
    'runners/x.yaml',
  );

/** Kills the `docker run` process of a container and waits until it is gone. */
async function killClientOf(name: string): Promise<void> {
  for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (!command.startsWith('docker\0run\0') || !command.includes(`\0${name}\0`)) continue;
    process.kill(Number(pid), 'SIGKILL');
    await expect.poll(async () => await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).toBe('');
    return;
  }
  throw new Error(`container ${name} has no client`);
}

const ask = async (url: string) => await (await fetch(url)).text();
const containers = () => daemon.docker('ps', '--all', '--quiet', '--filter', 'label=inferencemax.token');

describe.skipIf(missing !== undefined)('with a real daemon', { timeout: 120_000 }, () => {
  test('runs an engine, reports its image, and leaves nothing behind', async () => {
    const { place, engine } = await start();
    await waitUntilReady(engine, ready);
    expect(place.image).toEqual({ id: daemon.docker('image', 'inspect', '--format', '{{.Id}}', image) });
    await engine.stop();
    expect(containers()).toBe('');
    expect(await readdir(records())).toEqual([]);
  });

  test('does not mistake a server outside the container for the engine', async () => {
    const port = await freePort();
    const { engine } = await start({ argv: ['node', '-e', leavingServer, String(port)], port });
    await expectImpostorRefused(engine, port);
  });

  test('after a crash and restart of a daemon with live-restore, the engine keeps serving, and its log and its end are still seen', async () => {
    const { engine, logPath } = await start();
    await waitUntilReady(engine, ready);
    const first = await ask(`${engine.baseUrl}/first`);
    await daemon.crash();
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

  test('after a restart of a daemon without live-restore, the engine counts as lost, can be stopped, and another one starts', async () => {
    await daemon.end();
    await daemon.startAgain();
    const { engine } = await start();
    await waitUntilReady(engine, ready);
    await daemon.end();
    await daemon.startAgain({ liveRestore: true });
    // If the daemon is back at once, its absence may go unnoticed: then the engine died, which is retried as well.
    const { failureClass } = await engineDied(engine, await engine.exited);
    expect(['node-lost', 'engine-died']).toContain(failureClass);
    await engine.stop();
    expect(containers()).toBe('');
    const again = await start();
    await waitUntilReady(again.engine, ready);
  });

  test('reports an engine that died if another user kills or removes its container', async () => {
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

  test('after the docker client is killed, the engine keeps serving, and its end is still seen', async () => {
    const { engine } = await start();
    await waitUntilReady(engine, ready);
    await killClientOf(daemon.docker('inspect', '--format', '{{.Name}}', containers()).slice(1));
    expect(await ask(engine.baseUrl)).toMatch(/^\d+$/);
    daemon.docker('kill', containers());
    expect(await engine.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('tells apart what the image lacks, what docker refuses, and the exit code of the engine', async () => {
    expect(await endOf({ argv: ['vllm'] })).toMatchObject({ reason: { failureClass: 'image-unfit' } });
    expect(await endOf({}, { 'docker-args': ['--runtime', 'no-such-runtime'] })).toMatchObject({
      reason: { failureClass: 'cannot-start', message: expect.stringContaining('no-such-runtime') },
    });
    // Docker uses the exit code of a missing command for this, too, and prints a hint last.
    expect(await endOf({}, { 'docker-args': ['--device', '/dev/no-such-device'] })).toEqual({
      code: 127,
      signal: null,
      reason: {
        failureClass: 'cannot-start',
        message: expect.stringMatching(
          /^docker cannot run it: docker: Error response from daemon: .*"\/dev\/no-such-device": no such file or directory\.?\W*$/,
        ),
      },
    });
    expect(await endOf({ argv: ['sh', '-c', 'exit 127'] })).toEqual({ code: 127, signal: null });
    expect(containers()).toBe('');
  });

  test('detects that a child process ran out of memory, whatever the exit code of the engine', async ({
    skip,
  }) => {
    skip(
      daemon.docker('info', '--format', '{{.MemoryLimit}}') === 'false',
      'no memory limits on this machine',
    );
    const all = 'const all = []; for (;;) all.push(Buffer.alloc(1 << 20, 1))';
    const argv = ['sh', '-c', `node -e '${all}'; exit 1`];
    const { engine } = await start({ argv }, { 'docker-args': ['--memory', '64m', '--memory-swap', '64m'] });
    expect(await engineDied(engine, await engine.exited)).toMatchObject({ failureClass: 'out-of-memory' });
  });

  test('raises limits only for devices, and explains one that docker may not raise', async () => {
    const { engine } = await start();
    await waitUntilReady(engine, ready);
    const limits = daemon.docker('inspect', '--format', '{{json .HostConfig.Ulimits}}', containers());
    expect(JSON.parse(limits) ?? []).toEqual([]);
    // Above fs.nr_open, which no process may exceed.
    const ulimits = ['nofile=2147483647'];
    expect(await endOf({}, { ulimits })).toMatchObject({
      reason: { failureClass: 'cannot-start', message: expect.stringContaining('error setting rlimit') },
    });
    expect(await examined({ ulimits })).toContainEqual({
      check: 'docker',
      state: 'problem',
      message: expect.stringContaining('error setting rlimit'),
      todo: expect.stringMatching(/^set ulimits: \[\] in the pool's file/),
    });
  });

  test('a container that docker cannot remove does not block the next sweep', async ({ skip }) => {
    const port = await freePort();
    const workDir = join(folder, 'unremovable');
    const reserve = { sessionId: 's', image, acceleratorCount: 1, nodeCount: 1, workDir };
    const argv = ['node', '-e', server, String(port)];
    const logPath = join(folder, 'unremovable.log');
    await productKilledWithEngine({
      makeLauncher: statementThatOpens(nodeSettingsSchema.parse({ launcher: 'docker' }), records()),
      reserve,
      request: { sessionId: 's', argv, env: {}, host: '127.0.0.1', port, logPath },
    });
    const id = daemon.docker('ps', '--quiet', '--no-trunc', '--filter', 'label=inferencemax.token');
    const file = join(folder, 'daemon', 'data', 'containers', id, 'hostname');
    const setImmutable = (on: boolean) => spawnSync('chattr', [on ? '+i' : '-i', file]).status === 0;
    cleanups.push(async () => setImmutable(false) && daemon.removeContainers());
    skip(!setImmutable(true), 'this file system has no immutable files');
    expect(await launcherWith().endOrphans()).toHaveLength(1);
    expect(daemon.docker('ps', '--all', '--format', '{{.State}}')).toMatch(/^(?:removing|dead)$/);
    expect(await readdir(records())).toEqual([]);
    const { engine } = await start({ port, argv });
    await waitUntilReady(engine, ready);
    await engine.stop();
  });

  test('refuses a port of a listener without HTTP before it starts anything', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    cleanups.push(async () => holder.close());
    await once(holder, 'listening');
    const address = holder.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await expect(start(defined({ port }))).rejects.toThrow(`port ${port} on 127.0.0.1 is in use by process`);
    expect(containers()).toBe('');
  });

  test('the doctor starts a container and leaves none behind', async () => {
    const said = async (changes: object) =>
      (await examined(changes)).map(({ state, message }) => `${state}: ${message}`);
    expect(await said({})).toContain("ok: it starts containers with the pool's settings");
    expect(await said({ 'docker-args': ['--runtime', 'no-such-runtime'] })).toContainEqual(
      expect.stringMatching(
        /^problem: it cannot start a container with the pool's settings: .*no-such-runtime/,
      ),
    );
    expect(containers()).toBe('');
  });
});
