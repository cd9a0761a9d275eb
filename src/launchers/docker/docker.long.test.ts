import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DockerStandIn } from '../../../test/support/docker-stand-in.ts';
import { freePort } from '../../../test/support/free-port.ts';
import { productKilledWithEngine } from '../../../test/support/killed-product.ts';
import { openLauncher, statementThatOpens } from '../../../test/support/open-launcher.ts';
import type { LaunchRequest } from '../launcher.ts';
import { nodeSettingsSchema } from '../pool-settings.ts';
import { engineDied, waitUntilReady } from '../readiness.ts';
import { runArgv } from './argv.ts';
import { dockerLauncher } from './index.ts';
import { dockerSettings } from './settings.ts';

let folder: string;
let docker: DockerStandIn;
const realPath = process.env.PATH ?? '';
const cleanups: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docker-launcher-'));
  docker = await DockerStandIn.create(join(folder, 'docker'));
  process.env.PATH = `${docker.binFolder}${delimiter}${realPath}`;
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  process.env.PATH = realPath;
  delete process.env.HF_TOKEN;
  await rm(folder, { recursive: true, force: true });
});

const settings = (changes: Record<string, unknown> = {}) =>
  nodeSettingsSchema.parse({ launcher: 'docker', ...changes });

const image = 'nvcr.io#example/engine:v1';
const healthyServer = `
  const port = Number(process.argv[1]);
  require('node:http').createServer((_, response) => response.end(JSON.stringify({ ...process.env, cwd: process.cwd() }))).listen(port, '127.0.0.1');
`;
const reserveRequest = () => ({
  sessionId: 'a-session',
  image,
  acceleratorCount: 8,
  nodeCount: 1,
  workDir: join(folder, 'session'),
});

function request(port: number, script = healthyServer, changes: Partial<LaunchRequest> = {}): LaunchRequest {
  return {
    sessionId: 'a-session',
    argv: [process.execPath, '-e', script, String(port)],
    env: { RECIPE: 'a b' },
    host: '127.0.0.1',
    port,
    logPath: join(folder, 'engine.log'),
    ...changes,
  };
}

const records = () => join(folder, 'engines');
const launcherWith = (changes: Record<string, unknown> = {}) =>
  openLauncher(dockerLauncher({ graceS: 1 }), settings(changes), records());
const soon = { healthPath: '/health', timeoutS: 20, signal: new AbortController().signal };

async function start(launch: LaunchRequest, changes: Record<string, unknown> = {}, progress: string[] = []) {
  const context = {
    signal: new AbortController().signal,
    onProgress: ({ what }: { readonly what: string }) => progress.push(what),
  };
  const place = await launcherWith(changes).reserve(reserveRequest(), context);
  cleanups.push(() => place.release());
  const engine = await place.start(launch, context);
  cleanups.push(() => engine.stop());
  return { place, engine };
}

async function expectDown(port: number): Promise<void> {
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
}

test('runs an engine in a container with its files and environment, and shows no secret on any command line', async () => {
  process.env.HF_TOKEN = 'a-secret-token';
  const port = await freePort();
  const progress: string[] = [];
  const files = [{ path: 'extra.yml', content: 'x: 1\n' }];
  const { engine } = await start(
    request(port, healthyServer, { files }),
    { 'hf-hub-cache': '/hf' },
    progress,
  );
  await waitUntilReady(engine, soon);
  const seen = await (await fetch(engine.baseUrl)).json();
  expect(seen).toMatchObject({
    RECIPE: 'a b',
    HF_TOKEN: 'a-secret-token',
    HF_HUB_CACHE: '/hf',
    cwd: join(folder, 'session'),
  });
  expect(await readdir(join(folder, 'session'))).toEqual(['extra.yml']);
  const argvs = (await docker.calls()).map(({ argv }) => argv.join(' ')).join('\n');
  expect(argvs).toContain('--env HF_TOKEN ');
  expect(argvs).not.toContain('a-secret-token');
  expect(progress).toEqual([
    'docker to pull nvcr.io/example/engine:v1',
    'docker to pull nvcr.io/example/engine:v1 (0 of 1 layers)',
    'docker to pull nvcr.io/example/engine:v1 (0 of 2 layers)',
    'docker to pull nvcr.io/example/engine:v1 (1 of 2 layers)',
    'docker to pull nvcr.io/example/engine:v1 (2 of 2 layers)',
  ]);
  await engine.stop();
  await expectDown(port);
  expect(await readdir(records())).toEqual([]);
});

test('does not pull an image that the node has, and removes a pulled image only if the pool says so', async () => {
  const first = await start(request(await freePort()), { cleanup: 'remove-image' });
  await first.engine.stop();
  await first.place.release();
  const second = await start(request(await freePort()));
  await second.engine.stop();
  await second.place.release();
  const third = await start(request(await freePort()), { cleanup: 'remove-image' });
  await third.engine.stop();
  await third.place.release();
  const verbs = (await docker.calls()).map(({ argv }) => argv.slice(0, 2).join(' '));
  expect(verbs.filter((verb) => verb.startsWith('pull') || verb === 'image rm')).toEqual([
    'pull nvcr.io/example/engine:v1',
    'image rm',
    'pull nvcr.io/example/engine:v1',
  ]);
});

test('tells a missing image and a missing command apart from an engine that dies', async () => {
  const context = { signal: new AbortController().signal, onProgress: () => {} };
  await expect(
    launcherWith().reserve({ ...reserveRequest(), image: 'missing:v1' }, context),
  ).rejects.toMatchObject({
    failureClass: 'cannot-start',
    message: 'docker pull failed: Error response from daemon: manifest unknown',
  });
  const { engine } = await start(request(await freePort(), '', { argv: ['no-such-engine'] }));
  expect(await engineDied(engine, await engine.exited)).toMatchObject({
    failureClass: 'image-unfit',
    message: expect.stringContaining('the image has no command no-such-engine'),
  });
  const dying = await start(request(await freePort(), 'process.exit(3)'));
  expect(await engineDied(dying.engine, await dying.engine.exited)).toMatchObject({
    failureClass: 'engine-died',
    message: 'the engine exited with exit code 3',
  });
});

test('kills a container that ignores SIGTERM', async () => {
  const port = await freePort();
  const { engine } = await start(request(port, `process.on('SIGTERM', () => {}); ${healthyServer}`));
  await waitUntilReady(engine, soon);
  await engine.stop();
  await expectDown(port);
  expect(await engine.exited).toEqual({ code: null, signal: 'SIGKILL' });
});

test('refuses a port that is in use, before it creates a container', async () => {
  const port = await freePort();
  const { engine } = await start(request(port));
  await waitUntilReady(engine, soon);
  await expect(start(request(port))).rejects.toThrow(
    `port ${port} on 127.0.0.1 is in use by session a-session`,
  );
  expect((await docker.calls()).filter(({ argv: [verb] }) => verb === 'run')).toHaveLength(1);
});

test('after kill -9 of the product, the next start removes its container and no other', async () => {
  const [port, othersPort] = [await freePort(), await freePort()];
  const other = await start(request(othersPort));
  await waitUntilReady(other.engine, soon);
  await productKilledWithEngine({
    makeLauncher: statementThatOpens(settings(), records()),
    reserve: reserveRequest(),
    request: request(port),
  });
  expect(await launcherWith().endOrphans()).toEqual([{ sessionId: 'a-session', port }]);
  await expectDown(port);
  expect((await fetch(`http://127.0.0.1:${othersPort}/`)).ok).toBe(true);
});

describe('a daemon that becomes unreachable while an engine runs', () => {
  const lasting = async () => {
    const started = await start(request(await freePort()));
    await waitUntilReady(started.engine, soon);
    return started.engine;
  };

  test('with live-restore: the same engine keeps running until it is stopped', async () => {
    const engine = await lasting();
    let ended = false;
    void engine.exited.then(() => {
      ended = true;
    });
    await docker.takeDaemonAway();
    await called('ps', 2);
    await docker.bringDaemonBack();
    await called('wait', 1);
    expect((await fetch(engine.baseUrl)).ok).toBe(true);
    expect(ended).toBe(false);
    await engine.stop();
    expect(await readdir(records())).toEqual([]);
    expect(await docker.containers()).toEqual([]);
  });

  test('without: the engine is lost with its node, and another one can be started', async () => {
    const engine = await lasting();
    await docker.takeDaemonAway();
    await called('ps', 2);
    await docker.bringDaemonBack({ liveRestore: false });
    expect(await engineDied(engine, await engine.exited)).toMatchObject({
      failureClass: 'node-lost',
      message: expect.stringContaining('was restarted'),
    });
    await engine.stop();
    const again = await lasting();
    await again.stop();
  });

  test('and stays unreachable: fails after a while, and the next run stops the leftovers', async () => {
    const launcher = openLauncher(dockerLauncher({ graceS: 1, absenceMs: 300 }), settings(), records());
    const context = { signal: new AbortController().signal, onProgress: () => {} };
    const place = await launcher.reserve(reserveRequest(), context);
    const engine = await place.start(request(await freePort()), context);
    await waitUntilReady(engine, soon);
    await docker.takeDaemonAway();
    expect(await engineDied(engine, await engine.exited)).toMatchObject({
      failureClass: 'node-lost',
      message: expect.stringMatching(/^docker has not answered for 0\.3 s: Cannot connect/),
    });
    await expect(engine.stop()).rejects.toThrow('docker has not answered for 0.3 s');
    expect(await readdir(records())).toHaveLength(1);
    await docker.bringDaemonBack();
    await place.release();
    // This process is alive, so only the next run may stop what it left behind.
    await docker.killContainers();
  });
});

describe('a daemon that is still starting', () => {
  test('delays the session, which says so', async () => {
    await docker.takeDaemonAway();
    const said = Promise.withResolvers<string>();
    const context = {
      signal: new AbortController().signal,
      onProgress: ({ what }: { readonly what: string }) => said.resolve(what),
    };
    const reserving = launcherWith().reserve(reserveRequest(), context);
    expect(await said.promise).toMatch(
      /^the Docker daemon, which is unreachable: Cannot connect to the Docker daemon/,
    );
    await docker.bringDaemonBack();
    const place = await reserving;
    expect(place.nodes).toEqual(['stand-in-host']);
    await place.release();
  });

  test('and takes too long counts as a lost node; an interruption ends the wait', async () => {
    await docker.takeDaemonAway();
    const launcher = openLauncher(dockerLauncher({ startMs: 200 }), settings(), records());
    const patient = { signal: new AbortController().signal, onProgress: () => {} };
    await expect(launcher.reserve(reserveRequest(), patient)).rejects.toMatchObject({
      failureClass: 'node-lost',
      message: expect.stringMatching(/^docker has not answered for 0\.2 s/),
    });
    const interrupted = new AbortController();
    const context = {
      signal: interrupted.signal,
      onProgress: () => interrupted.abort(new Error('interrupted')),
    };
    await expect(launcherWith().reserve(reserveRequest(), context)).rejects.toThrow('interrupted');
  });

  test('and becomes unreachable during a pull: the pull is repeated when the daemon is back', async () => {
    await docker.refusePulls('error during connect: EOF', 1);
    const progress: string[] = [];
    const { engine } = await start(request(await freePort()), {}, progress);
    await engine.stop();
    expect((await docker.calls()).filter(({ argv: [verb] }) => verb === 'pull')).toHaveLength(2);
    expect(progress).toContainEqual(expect.stringMatching(/^the next attempt to pull /));
  });
});

test('a container that is listed but gone does not block the next run', async () => {
  const launcher = launcherWith();
  await productKilledWithEngine({
    makeLauncher: statementThatOpens(settings(), records()),
    reserve: reserveRequest(),
    request: request(await freePort()),
  });
  const [name = ''] = await readdir(records());
  await docker.listDeadContainer(basename(name, '.json'));
  expect(await launcher.endOrphans()).toHaveLength(1);
  expect(await readdir(records())).toEqual([]);
});

test('detects that a container ran out of memory, whatever its main process reports', async () => {
  await docker.fillMemory();
  const { engine } = await start(request(await freePort(), 'process.exit(1)'));
  expect(await engineDied(engine, await engine.exited)).toMatchObject({ failureClass: 'out-of-memory' });
});

test('does not blame the image for faults of docker or for exit codes of the engine', async () => {
  await docker.refuseRuns(
    'docker: Error response from daemon: mkdir /var/lib/docker/overlay2/x: no such file or directory.\n\nRun',
    127,
  );
  const refused = await start(request(await freePort()));
  expect(await refused.engine.exited).toMatchObject({
    reason: { failureClass: 'cannot-start', message: expect.stringContaining('overlay2/x') },
  });
  await docker.allowRuns();
  const own = await start(request(await freePort(), 'process.exit(127)'));
  expect(await own.engine.exited).toEqual({ code: 127, signal: null });
});

test('retries a pull after a transient error, and not after a refusal', async () => {
  const context = { signal: new AbortController().signal, onProgress: () => {} };
  const launcher = openLauncher(dockerLauncher({ graceS: 1, pullPauseMs: 1 }), settings(), records());
  await docker.refusePulls('Error response from daemon: Get "https://registry/v2/": EOF', 2);
  const place = await launcher.reserve(reserveRequest(), context);
  expect(place.image).toEqual({ id: `sha256:${'1'.repeat(64)}`, digest: `sha256:${'3'.repeat(64)}` });
  await place.release();
  await docker.refusePulls('Error response from daemon: pull access denied', 2);
  await expect(launcher.reserve({ ...reserveRequest(), image: 'other/engine:v1' }, context)).rejects.toThrow(
    'pull access denied',
  );
  expect((await docker.calls()).filter(({ argv: [verb] }) => verb === 'pull')).toHaveLength(4);
});

test("checks the free space on the disk of Docker's root directory", async () => {
  const context = { signal: new AbortController().signal, onProgress: () => {} };
  await expect(
    launcherWith({ 'disk-space-gb': 1e9 }).reserve(reserveRequest(), context),
  ).rejects.toMatchObject({
    failureClass: 'node-broken',
    message: expect.stringContaining(`the disk of ${join(folder, 'docker')} has`),
  });
});

/** Waits until docker has been called with a verb `more` times from now on. */
async function called(verb: string, more: number): Promise<void> {
  const times = async () => (await docker.calls()).filter(({ argv }) => argv[0] === verb).length;
  const before = await times();
  await expect.poll(times, { timeout: 20_000 }).toBeGreaterThanOrEqual(before + more);
}

describe('the command line', () => {
  const container = {
    name: 'inferencemax-token',
    token: 'token',
    sessionId: 'a-session',
    image,
    workDir: '/runs/s',
    argv: ['vllm', 'serve', 'a model'],
    envNames: ['HF_TOKEN', 'RECIPE'],
  };

  test('is that of the public scripts plus labels, for NVIDIA and AMD', () => {
    expect(
      runArgv(dockerSettings.parse({ accelerator: 'nvidia', 'hf-hub-cache': '/hf' }), container).join(' '),
    ).toBe(
      'docker run --init --pull never --name inferencemax-token --label inferencemax.token=token ' +
        '--label inferencemax.session=a-session --network host --ipc host --shm-size=16g --ulimit memlock=-1 ' +
        '--ulimit stack=67108864 --runtime nvidia --gpus all --volume /runs/s:/workspace --volume /hf:/hf ' +
        '--workdir /workspace --env HF_TOKEN --env RECIPE --entrypoint vllm nvcr.io/example/engine:v1 serve a model',
    );
    const amd = { ...container, groups: [993, 44] };
    expect(runArgv(dockerSettings.parse({ accelerator: 'amd' }), amd).join(' ')).toContain(
      '--device /dev/kfd --device /dev/dri --group-add video --cap-add SYS_PTRACE --security-opt seccomp=unconfined --group-add 993 --group-add 44 ',
    );
  });

  test('raises the limit on locked memory only for accelerators, and uses limits of the pool instead', () => {
    const limits = (changes: object) =>
      runArgv(dockerSettings.parse(changes), container).filter(
        (_, index, argv) => argv[index - 1] === '--ulimit',
      );
    expect(limits({})).toEqual([]);
    expect(limits({ accelerator: 'nvidia' })).toEqual(['memlock=-1', 'stack=67108864']);
    expect(limits({ accelerator: 'nvidia', ulimits: ['nofile=1024:2048'] })).toEqual(['nofile=1024:2048']);
  });

  test.skipIf(!hasRealDocker())('makes the real docker client request what it says', async () => {
    const nvidia = runArgv(dockerSettings.parse({ accelerator: 'nvidia' }), container);
    expect(await createdBy(nvidia, { RECIPE: 'a b', HF_TOKEN: 'value' })).toMatchObject({
      Image: 'nvcr.io/example/engine:v1',
      Entrypoint: ['vllm'],
      Cmd: ['serve', 'a model'],
      // Docker keeps them in arbitrary order.
      Env: expect.toSatisfy((env: string[]) => env.toSorted().join() === 'HF_TOKEN=value,RECIPE=a b'),
      WorkingDir: '/workspace',
      Labels: { 'inferencemax.token': 'token', 'inferencemax.session': 'a-session' },
      HostConfig: {
        AutoRemove: false,
        Init: true,
        NetworkMode: 'host',
        IpcMode: 'host',
        ShmSize: 16 * 2 ** 30,
        Binds: ['/runs/s:/workspace'],
        Runtime: 'nvidia',
        DeviceRequests: [{ Count: -1, Capabilities: [['gpu']] }],
        Ulimits: expect.arrayContaining([
          { Name: 'memlock', Hard: -1, Soft: -1 },
          { Name: 'stack', Hard: 67_108_864, Soft: 67_108_864 },
        ]),
      },
    });
    expect(
      await createdBy(runArgv(dockerSettings.parse({ accelerator: 'amd' }), container), {}),
    ).toMatchObject({
      HostConfig: {
        Devices: [{ PathOnHost: '/dev/kfd' }, { PathOnHost: '/dev/dri' }],
        GroupAdd: ['video'],
        // Older clients leave the prefix to the daemon.
        CapAdd: [expect.stringMatching(/^(CAP_)?SYS_PTRACE$/)],
        SecurityOpt: ['seccomp=unconfined'],
      },
    });
  });
});

/** What the real docker client requests from a daemon, which only records it here. */
async function createdBy([, ...args]: readonly string[], env: Record<string, string>): Promise<unknown> {
  let asked: unknown;
  const socket = join(folder, 'daemon.sock');
  const daemon = createServer(async (incoming, response) => {
    response.setHeader('Api-Version', '1.44').setHeader('Ostype', 'linux');
    if (incoming.url?.includes('/containers/create') === true) {
      asked = JSON.parse(await text(incoming));
      response.statusCode = 500;
    }
    response.end(JSON.stringify({ message: 'only recorded' }));
  }).listen(socket);
  await once(daemon, 'listening');
  const child = spawn('docker', ['--host', `unix://${socket}`, ...args], {
    env: { PATH: realPath, HOME: folder, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [said] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  daemon.close();
  expect(said).toContain('only recorded');
  return asked;
}

function hasRealDocker(): boolean {
  try {
    execFileSync('docker', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    console.warn('skipped: docker is not installed');
    return false;
  }
}
