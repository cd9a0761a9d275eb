import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { DockerStandIn } from '../../../test/support/docker-stand-in.ts';
import { freePort } from '../../../test/support/free-port.ts';
import { expectImpostorRefused, impostorAt, leavingServer } from '../../../test/support/impostor.ts';
import { productKilledWithEngine } from '../../../test/support/killed-product.ts';
import { SlurmCluster, slurmMissing } from '../../../test/support/slurm-cluster.ts';
import { SshServer, sshMissing } from '../../../test/support/ssh-server.ts';
import { tokenVariable } from '../../launchers/engine-record.ts';
import type { LaunchRequest } from '../../launchers/launcher.ts';
import { examinePlace, launcherFor } from '../../launchers/place.ts';
import { nodeSettingsSchema } from '../../launchers/pool-settings.ts';
import { engineDied, waitUntilReady } from '../../launchers/readiness.ts';
import { pidsWithEnvironment } from '../../process/identity.ts';

const missing = sshMissing();
if (missing !== undefined) console.warn(`skipped: ${missing}`);

let folder: string;
let docker: DockerStandIn;
let server: SshServer;
let shared: string;
const cleanups: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  if (missing !== undefined) return;
  shared = await mkdtemp(join(tmpdir(), 'ssh-shared-'));
  docker = await DockerStandIn.create(join(shared, 'docker'));
  server = await SshServer.start({ PATH: `${docker.binFolder}${delimiter}${process.env.PATH}` });
});
afterAll(async () => {
  await server?.stop();
  await rm(shared, { recursive: true, force: true });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ssh-launcher-'));
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  delete process.env.HF_TOKEN;
  await rm(folder, { recursive: true, force: true });
});

const healthyServer = `
  const port = Number(process.argv[1]);
  require('node:http').createServer((_, response) => response.end(JSON.stringify({ ...process.env, cwd: process.cwd() }))).listen(port, '127.0.0.1');
`;
/** The fake engine answers with its environment. */
const seenByEngine = z.looseObject({ cwd: z.string() });
const records = () => join(folder, 'engines');
const context = { signal: new AbortController().signal, onProgress: () => {} };
const soon = { healthPath: '/health', timeoutS: 20, signal: context.signal };
const settings = (on: Record<string, unknown>, changes: Record<string, unknown> = {}, through = server) =>
  nodeSettingsSchema.parse({ ...through.settings, ...changes, on });
const reserveRequest = () => ({
  sessionId: 'a-session',
  image: 'example/engine:v1',
  acceleratorCount: 1,
  nodeCount: 1,
  workDir: join(folder, 'session'),
});

function request(port: number, script = healthyServer): LaunchRequest {
  return {
    sessionId: 'a-session',
    argv: [process.execPath, '-e', script, String(port), "it's", '$HOME'],
    env: { RECIPE: `a "b" $c 'd'` },
    files: [{ path: 'conf/extra.yml', content: 'x: 1\n' }],
    host: '127.0.0.1',
    port,
    logPath: join(folder, 'engine.log'),
  };
}

async function start(launch: LaunchRequest, on: Record<string, unknown>, changes = {}, through = server) {
  const launcher = launcherFor(settings(on, changes, through), { recordFolder: records() });
  const place = await launcher.reserve(reserveRequest(), context);
  cleanups.push(() => place.release());
  const engine = await place.start(launch, context);
  cleanups.push(() => engine.stop());
  return { launcher, place, engine };
}

async function expectDown(port: number): Promise<void> {
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
}

async function token(): Promise<string> {
  const [file] = await readdir(records());
  return JSON.parse(await readFile(join(records(), file ?? ''), 'utf8')).token;
}

describe.skipIf(missing !== undefined)('over a real sshd', () => {
  test('an engine runs there with its environment and files, and without secrets on any command line', async () => {
    process.env.HF_TOKEN = 'a-secret-token';
    const port = await freePort();
    const { engine, place } = await start(request(port), { launcher: 'local', env: { POOL: 'x' } });
    await waitUntilReady(engine, soon);
    const seen = seenByEngine.parse(await (await fetch(engine.baseUrl)).json());
    expect(seen).toMatchObject({ RECIPE: `a "b" $c 'd'`, HF_TOKEN: 'a-secret-token', POOL: 'x' });
    expect(seen.cwd.startsWith(server.remoteFolder)).toBe(true);
    expect(await readFile(join(seen.cwd, 'conf', 'extra.yml'), 'utf8')).toBe('x: 1\n');
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const argvs = await Promise.all(
      pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
    );
    expect(argvs.filter((argv) => argv.includes('a-secret-token'))).toEqual([]);
    expect(await place.node.run(['echo', 'beside it'])).toMatchObject({ code: 0, stdout: 'beside it\n' });
    await engine.stop();
    await expectDown(port);
    expect(await readdir(records())).toEqual([]);
  });

  test('the end of the engine and that of the connection are distinguished; stop() works in both cases', async () => {
    const dying = await start(request(await freePort(), `console.error('bad weights'); process.exit(3)`), {
      launcher: 'local',
    });
    expect(await engineDied(dying.engine, await dying.engine.exited)).toMatchObject({
      failureClass: 'engine-died',
      message: 'the engine exited with exit code 3',
      logTail: 'bad weights',
    });
    await dying.engine.stop();

    const port = await freePort();
    const { engine } = await start(request(port), { launcher: 'local' });
    await waitUntilReady(engine, soon);
    await cutConnectionOf(await token());
    expect(await engineDied(engine, await engine.exited)).toMatchObject({ failureClass: 'node-lost' });
    expect((await fetch(`http://127.0.0.1:${port}/`)).ok).toBe(true);
    await engine.stop();
    await expectDown(port);
  });

  test('an engine that ignores SIGTERM is killed', async () => {
    const port = await freePort();
    const { engine } = await start(request(port, `process.on('SIGTERM', () => {}); ${healthyServer}`), {
      launcher: 'local',
    });
    await waitUntilReady(engine, soon);
    await engine.stop();
    await expectDown(port);
  }, 60_000);

  test('after kill -9 of InferenceMAX, the next start stops what still runs there', async () => {
    const port = await freePort();
    const module = new URL('../../launchers/place.ts', import.meta.url).href;
    const on = JSON.stringify(settings({ launcher: 'local' }));
    await productKilledWithEngine({
      makeLauncher: `import { launcherFor } from ${JSON.stringify(module)};
        const launcher = launcherFor(${on}, { recordFolder: ${JSON.stringify(records())} });`,
      reserve: reserveRequest(),
      request: request(port),
    });
    const launcher = launcherFor(settings({ launcher: 'local' }), { recordFolder: records() });
    expect(await launcher.endOrphans()).toEqual([{ sessionId: 'a-session', port }]);
    await expectDown(port);
    expect(await readdir(records())).toEqual([]);
  });

  test('an engine that is not directly reachable is used through a tunnel', async () => {
    const port = await freePort();
    const { engine } = await start(request(port), { launcher: 'local' }, { connect: 'forward' });
    expect(engine.baseUrl).not.toContain(`:${port}`);
    await waitUntilReady(engine, soon);
    expect(await (await fetch(engine.baseUrl)).json()).toMatchObject({ cwd: expect.any(String) });
    await engine.stop();
    await expect(fetch(engine.baseUrl)).rejects.toThrow();
  });

  test('a foreign server on its port is not mistaken for the engine', async () => {
    const port = await freePort();
    const { engine } = await start(request(port, leavingServer), { launcher: 'local' });
    await expectImpostorRefused(engine, port);
    await engine.stop();
    const taken = await impostorAt(port);
    cleanups.push(async () => void taken.kill('SIGKILL'));
    await expect(start(request(port), { launcher: 'local' })).rejects.toThrow(
      new RegExp(
        `port ${port} on 127\\.0\\.0\\.1 is in use by process ${taken.pid} \\(.*\\), which InferenceMAX did not start`,
      ),
    );
  });

  test('docker runs on the host', async () => {
    const port = await freePort();
    const { engine } = await start(request(port), { launcher: 'docker' });
    await waitUntilReady(engine, soon);
    expect(await (await fetch(engine.baseUrl)).json()).toMatchObject({ RECIPE: `a "b" $c 'd'` });
    await engine.stop();
    await expectDown(port);
    expect((await docker.calls()).map(({ argv: [verb] }) => verb)).toContain('run');
  });

  test.skipIf(slurmMissing() !== undefined)('Slurm runs on the host', async () => {
    const cluster = await SlurmCluster.start();
    cleanups.push(() => cluster.stop());
    const gate = await SshServer.start({ ...cluster.env, PATH: process.env.PATH ?? '' });
    cleanups.push(() => gate.stop());
    const port = await freePort();
    const on = { launcher: 'slurm', container: 'none' };
    const { engine, place } = await start(request(port), on, {}, gate);
    await waitUntilReady(engine, soon);
    expect(await (await fetch(engine.baseUrl)).json()).toMatchObject({
      RECIPE: `a "b" $c 'd'`,
      SLURM_JOB_ID: expect.any(String),
      cwd: expect.stringContaining(gate.remoteFolder),
    });
    await engine.stop();
    await place.release();
    await expectDown(port);
    expect(await cluster.jobs()).toEqual([]);
  });

  test('the doctor reports whether the host answers, and its hardware facts in results', async () => {
    // The tool exists only there.
    const tool = join(docker.binFolder, 'amd-smi');
    cleanups.push(() => rm(tool));
    const testdata = join(import.meta.dirname, '../../accelerators/testdata');
    await writeFile(
      tool,
      `#!/bin/sh\n[ "$1" = process ] && exec cat ${testdata}/amd-smi-no-process.json\ncat ${testdata}/amd-smi-$1.json\n`,
      { mode: 0o755 },
    );
    const good = await examinePlace(
      settings({ launcher: 'local', accelerator: 'amd', 'accelerators-per-node': 2 }),
      'x.yaml',
    );
    // Ignore limits that this machine lacks.
    const limits = ['/dev/kfd', '/dev/shm', 'ulimit', 'namespaces'];
    const without = good.filter(({ message }) => !limits.some((limit) => message.includes(limit)));
    expect(without).toMatchObject([
      { check: 'ssh', state: 'ok' },
      { check: 'environment', state: 'ok', message: expect.stringMatching(/Linux \d.*, \d+ × .* GiB$/) },
      { check: 'load' },
      { check: 'accelerators', state: 'ok', message: '2 × AMD Instinct MI300X, driver 6.12.12' },
      { check: 'accelerators', state: 'problem', message: expect.stringMatching(/^busy: GPU 1 has 182/) },
    ]);
    const nobody = settings(
      { launcher: 'local' },
      { 'ssh-args': ['-p', String(await freePort())], destination: '127.0.0.1' },
    );
    expect(await examinePlace(nobody, 'x.yaml')).toMatchObject([
      {
        check: 'ssh',
        state: 'problem',
        message: expect.stringMatching(/^cannot reach 127\.0\.0\.1: .*refused/),
      },
    ]);
  });
});

/** Ends the server side of a running engine's ssh connection; the engine continues. */
async function cutConnectionOf(engineToken: string): Promise<void> {
  for (const pid of await pidsWithEnvironment(tokenVariable, engineToken)) {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    const name = await readFile(`/proc/${parent}/comm`, 'utf8');
    if (name.startsWith('sshd')) process.kill(parent, 'SIGKILL');
  }
  expect(await pidsWithEnvironment(tokenVariable, engineToken)).not.toEqual([]);
}
