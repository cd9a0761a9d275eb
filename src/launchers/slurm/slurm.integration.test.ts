import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../../../test/support/free-port.ts';
import { productKilledWithEngine } from '../../../test/support/killed-product.ts';
import { openLauncher, statementThatOpens } from '../../../test/support/open-launcher.ts';
import { SlurmCluster, slurmMissing } from '../../../test/support/slurm-cluster.ts';
import { pidsWithEnvironment } from '../../process/identity.ts';
import { EngineFailure } from '../engine-failure.ts';
import { tokenVariable } from '../engine-record.ts';
import type { LaunchContext, LaunchRequest, Reservation } from '../launcher.ts';
import { nodeSettingsSchema } from '../pool-settings.ts';
import { engineDied, waitUntilReady } from '../readiness.ts';
import { slurmLauncher } from './index.ts';

const missing = slurmMissing();
if (missing !== undefined) console.warn(`skipped: ${missing}`);

let cluster: SlurmCluster;
let folder: string;
const held: Reservation[] = [];

beforeAll(async () => {
  if (missing !== undefined) return;
  cluster = await SlurmCluster.start({ nodeCount: 2, gpusPerNode: 2 });
  Object.assign(process.env, cluster.env);
});
afterAll(async () => {
  await cluster?.stop();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slurm-launcher-'));
});
afterEach(async () => {
  for (const reservation of held.splice(0)) await reservation.release();
  if (missing === undefined) expect(await cluster.jobs()).toEqual([]);
  await rm(folder, { recursive: true, force: true });
});

const records = () => join(folder, 'engines');
const times = { watchMs: 200, graceMs: 1_500, cancelMs: 20_000 };

const settings = (changes: Record<string, unknown> = {}) =>
  nodeSettingsSchema.parse({ launcher: 'slurm', container: 'none', ...changes });
const open = (changes: Record<string, unknown> = {}) =>
  openLauncher(slurmLauncher(times), settings(changes), records());

function context(progress: string[] = []): LaunchContext {
  return { signal: new AbortController().signal, onProgress: ({ what }) => progress.push(what) };
}

const reserveRequest = (nodeCount = 1) => ({
  sessionId: 'a-session',
  image: 'example/engine:v1',
  acceleratorCount: 2,
  nodeCount,
  workDir: join(folder, 'session'),
});

async function reserve(changes: Record<string, unknown> = {}, nodeCount = 1): Promise<Reservation> {
  const launcher = open(changes);
  const reservation = await launcher.reserve(reserveRequest(nodeCount), context());
  held.push(reservation);
  return reservation;
}

const healthyServer = `
  const port = Number(process.argv[1]);
  require('node:http').createServer((_, response) => response.end(JSON.stringify({ ...process.env, cwd: process.cwd() }))).listen(port, '127.0.0.1');
`;

function request(port: number, script = healthyServer, changes: Partial<LaunchRequest> = {}): LaunchRequest {
  return {
    sessionId: 'a-session',
    argv: [process.execPath, '-e', script, String(port)],
    env: {},
    host: '0.0.0.0',
    port,
    logPath: join(folder, 'engine.log'),
    ...changes,
  };
}

const soon = { healthPath: '/health', timeoutS: 20, signal: new AbortController().signal };

async function expectDown(port: number): Promise<void> {
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
}

describe.skipIf(missing !== undefined)('on a real cluster', () => {
  test('a session is one job, its engine is a step with its GPUs, and nothing is left behind', async () => {
    const port = await freePort();
    const idle = `#!/bin/sh\ncase "$*" in *compute-apps*) ;; *) echo '0, 4, 143771';; esac\n`;
    await writeFile(join(folder, 'nvidia-smi'), idle, { mode: 0o755 });
    process.env.PATH = `${folder}${delimiter}${process.env.PATH}`;
    const place = await reserve({ accelerator: 'nvidia', env: { NCCL_DEBUG: 'WARN' } });
    expect(await cluster.jobs()).toHaveLength(1);
    const engine = await place.start(request(port, healthyServer, { env: { RECIPE: 'a b' } }), context());
    await waitUntilReady(engine, soon);
    expect(await (await fetch(engine.baseUrl)).json()).toMatchObject({
      NCCL_DEBUG: 'WARN',
      RECIPE: 'a b',
      CUDA_VISIBLE_DEVICES: '0,1',
      SLURM_NODEID: '0',
      cwd: join(folder, 'session'),
    });
    await engine.stop();
    await expectDown(port);
    expect(await cluster.jobs()).toHaveLength(1);
    await place.release();
    expect(await cluster.jobs()).toEqual([]);
    expect(await readdir(records())).toEqual([]);
  });

  test('an engine that died restarts in the same job', async () => {
    const port = await freePort();
    const place = await reserve();
    const [jobId] = await cluster.jobs();
    const first = await place.start(
      request(port, `console.error('bad weights'); process.exit(3)`),
      context(),
    );
    expect(await waitUntilReady(first, soon).catch((error: unknown) => error)).toMatchObject({
      failureClass: 'engine-died',
      message: 'the engine exited with exit code 3',
      logTail: expect.stringContaining('bad weights'),
    });
    await first.stop();
    const second = await place.start(request(port), context());
    await waitUntilReady(second, soon);
    expect(await cluster.jobs()).toEqual([jobId]);
    await second.stop();
  });

  test('kill -9 of the step ends the engine, and the signal is reported', async () => {
    const port = await freePort();
    const place = await reserve();
    const engine = await place.start(request(port), context());
    await waitUntilReady(engine, soon);
    process.kill(await enginePid(port), 'SIGKILL');
    expect(await engineDied(engine, await engine.exited)).toMatchObject({
      failureClass: 'engine-died',
      message: 'the engine exited with signal SIGKILL',
    });
    await engine.stop();
    await expectDown(port);
  });

  test('an engine that ignores SIGTERM is killed', async () => {
    const port = await freePort();
    const place = await reserve();
    const engine = await place.start(
      request(port, `process.on('SIGTERM', () => {}); ${healthyServer}`),
      context(),
    );
    await waitUntilReady(engine, soon);
    await engine.stop();
    await expectDown(port);
  });

  test('an engine that listens but never answers fails at the deadline', async () => {
    const port = await freePort();
    const place = await reserve();
    const silent = `require('node:net').createServer(() => {}).listen(Number(process.argv[1]), '127.0.0.1')`;
    const engine = await place.start(request(port, silent), context());
    expect(
      await waitUntilReady(engine, { ...soon, timeoutS: 2 }).catch((error: unknown) => error),
    ).toMatchObject({
      failureClass: 'never-ready',
    });
    await engine.stop();
    await expectDown(port);
  });

  test('an interrupt while the job is pending cancels it, and the progress said what it waited for', async () => {
    await reserve({}, 2);
    const interrupt = new AbortController();
    const progress: string[] = [];
    const launcher = open();
    const waiting = launcher.reserve(reserveRequest(), {
      signal: interrupt.signal,
      onProgress: ({ what }) => {
        progress.push(what);
        if (what.includes('(Resources)')) interrupt.abort(new Error('enough'));
      },
    });
    await expect(waiting).rejects.toThrow('enough');
    expect(progress[0]).toBe('Slurm to allocate 1 node(s)');
    expect(await cluster.jobs()).toHaveLength(1);
  });

  test('if the cluster refuses a job, its own message is reported', async () => {
    const launcher = open({ partition: 'no-such' });
    const refused = await launcher.reserve(reserveRequest(), context()).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(EngineFailure);
    expect(refused).toMatchObject({
      failureClass: 'cannot-start',
      message: expect.stringMatching(/partition/i),
    });
    expect(await readdir(records())).toEqual([]);
  });

  test('excluded nodes are not used, and the allocation fails if no other node is left', async () => {
    const launcher = open();
    expect(launcher.choosesNodes).toBe(true);
    const first = await launcher.reserve({ ...reserveRequest(), exclude: ['test-node-0'] }, context());
    held.push(first);
    expect(first.nodes).toEqual(['test-node-1']);
    const both = { ...reserveRequest(), exclude: ['test-node-0', 'test-node-1'] };
    await expect(launcher.reserve(both, context())).rejects.toBeInstanceOf(EngineFailure);
  });

  test('a job that can never start fails immediately with the reason', async () => {
    const launcher = open({ partition: 'scavenge' });
    const refused = await launcher.reserve(reserveRequest(), context()).catch((error: unknown) => error);
    expect(refused).toMatchObject({ failureClass: 'not-permitted' });
    expect(String(refused)).toMatch(/Slurm job \d+ would never start: PartitionTimeLimit$/);
    expect(await cluster.jobs()).toEqual([]);
  });

  test('a cancelled job and a preempted job are distinguished', async () => {
    const port = await freePort();
    const place = await reserve({ partition: 'scavenge', 'time-limit-min': 30 }, 2);
    const engine = await place.start(request(port), context());
    await waitUntilReady(engine, soon);
    const other = open();
    held.push(await other.reserve(reserveRequest(2), context()));
    expect(await engine.exited).toMatchObject({ reason: { failureClass: 'preempted' } });
    await engine.stop();
    await expectDown(port);

    const mine = held.at(-1);
    const next = await mine?.start(request(port), context());
    await cluster.command('scancel', ...(await cluster.jobs()));
    expect(await next?.exited).toMatchObject({
      reason: {
        failureClass: 'preempted',
        message: expect.stringMatching(/^Slurm job \d+ was cancelled externally/),
      },
    });
    await next?.stop();
    // The session continues in another job.
    const after = await mine?.start(request(port), context());
    if (after !== undefined) await waitUntilReady(after, soon);
    expect(await cluster.jobs()).toHaveLength(1);
    await after?.stop();
  });

  test('the steps of an engine get their nodes, and the engine ends when one of them ends', async () => {
    const place = await reserve({}, 2);
    const prefill = [
      process.execPath,
      '-e',
      `console.log('prefill on', process.env.SLURM_STEP_NODELIST); setInterval(() => {}, 1000)`,
    ];
    const decode = [
      process.execPath,
      '-e',
      `console.log('decode with {host:0} on {host:1}'); process.exit(4)`,
    ];
    const engine = await place.start(
      request(await freePort(), '', {
        argv: [],
        steps: [
          { name: 'prefill-0', nodes: [0], tasksPerNode: 1, mpi: false, argv: prefill, env: {} },
          { name: 'decode-0', nodes: [1], tasksPerNode: 2, mpi: false, argv: decode, env: {} },
        ],
      }),
      context(),
    );
    expect(await engineDied(engine, await engine.exited)).toMatchObject({
      message: 'decode-0 of the engine ended with exit code 4',
      logTail: expect.stringContaining('decode with test-node-0 on test-node-1'),
    });
    await engine.stop();
    expect(await readFile(join(folder, 'engine.prefill-0.log'), 'utf8')).toContain('prefill on test-node-0');
  });

  test('after kill -9 of InferenceMAX, the next start cancels its job and no other', async () => {
    const port = await freePort();
    await cluster.command('salloc', '--no-shell', '--nodes=1', '--job-name=another-job');
    await productKilledWithEngine({
      makeLauncher: statementThatOpens(settings(), records()),
      reserve: reserveRequest(),
      request: request(port),
    });
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
    expect(await cluster.jobs()).toHaveLength(2);

    const launcher = open();
    expect(await launcher.endOrphans()).toMatchObject([{ sessionId: 'a-session' }]);
    await expectDown(port);
    expect(await cluster.command('squeue', '--noheader', '--format=%j')).toBe('another-job');
    expect(await readdir(records())).toEqual([]);
    expect(await launcher.endOrphans()).toEqual([]);
    await cluster.command('scancel', '--name=another-job', '--me');
    await expect.poll(() => cluster.jobs()).toEqual([]);
  });
});

/** The engine's process, found by the token in its environment and the script on its command line. */
async function enginePid(port: number): Promise<number> {
  const [file] = await readdir(records());
  const { token } = JSON.parse(await readFile(join(records(), file ?? ''), 'utf8'));
  for (const pid of await pidsWithEnvironment(tokenVariable, token)) {
    const argv = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
    if (argv[0] === process.execPath && argv.includes(String(port))) return pid;
  }
  throw new Error('no engine process');
}
