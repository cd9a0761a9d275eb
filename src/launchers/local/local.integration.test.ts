import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, open as openFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { freePort } from '../../../test/support/free-port.ts';
import { openLauncher, statementThatOpens } from '../../../test/support/open-launcher.ts';
import { thisMachine } from '../../hosts/index.ts';
import { identityOf, isAlive } from '../../process/identity.ts';
import { EngineFailure } from '../engine-failure.ts';
import type { Launcher, LaunchRequest } from '../launcher.ts';
import { nodeSettingsSchema } from '../pool-settings.ts';
import { waitUntilReady } from '../readiness.ts';
import {
  cgroupFolder,
  cgroupPids,
  enterCgroup,
  isCgroupOf,
  killCgroup,
  makeCgroup,
  removeCgroup,
} from './cgroup.ts';
import { localLauncher } from './index.ts';
import { endProcesses } from './processes.ts';

let folder: string;
let launcher: Launcher;
const cleanups: (() => Promise<unknown> | unknown)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'launcher-'));
  launcher = open();
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await rm(folder, { recursive: true, force: true });
});

const healthyServer = `
  const port = Number(process.argv[1]);
  require('node:http').createServer((request, response) => {
    if (request.url === '/exit') process.exit(0);
    response.end('ok');
  }).listen(port, '127.0.0.1');
  console.log('listening');
`;

const settings = (changes: Record<string, unknown> = {}) =>
  nodeSettingsSchema.parse({ launcher: 'local', ...changes });
const open = (changes: Record<string, unknown> = {}) =>
  openLauncher(localLauncher({ graceMs: 1_000 }), settings(changes), join(folder, 'engines'));
const context = { signal: new AbortController().signal, onProgress: () => {} };

async function start(launch: LaunchRequest) {
  const { sessionId } = launch;
  const place = await launcher.reserve(
    { sessionId, image: 'npm:engine@1', acceleratorCount: 1, nodeCount: 1, workDir: folder },
    context,
  );
  return await place.start(launch, context);
}

function request(port: number, script: string, env: Record<string, string> = {}) {
  return {
    sessionId: 'a-session',
    argv: [process.execPath, '-e', script, String(port)],
    env,
    host: '127.0.0.1',
    port,
    logPath: join(folder, 'engine.log'),
  };
}

const nameOf = async (pid: number | undefined) => (await readFile(`/proc/${pid}/comm`, 'utf8')).trim();

const soon = { healthPath: '/health', timeoutS: 20, signal: new AbortController().signal };

test('an engine starts, becomes ready, and stop() ends its whole process group', async () => {
  const port = await freePort();
  const parent = `
    const child = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(healthyServer)}, process.argv[1]], { stdio: 'inherit' });
    console.log('child ' + child.pid);
    process.on('SIGTERM', () => {});
    setInterval(() => {}, 1000);
  `;
  const engine = await start(request(port, parent));
  cleanups.push(() => engine.stop());
  expect(await waitUntilReady(engine, soon)).toBeGreaterThan(0);
  expect(await readdir(join(folder, 'engines'))).toHaveLength(1);
  const stopping = engine.stop();
  // The parent ignores SIGTERM, so only SIGKILL ends it.
  expect(await engine.exited).toEqual({ code: null, signal: 'SIGKILL' });
  await stopping;
  await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow();
  expect(await readdir(join(folder, 'engines'))).toEqual([]);
});

test.skipIf(!(await canMakeCgroups()))(
  'stop() also ends processes that left the process group and cleared their environment',
  async () => {
    const port = await freePort();
    const hidden = `
      require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(healthyServer)}, process.argv[1]], { detached: true, env: {}, stdio: 'ignore' }).unref();
      setInterval(() => {}, 1000);
    `;
    const engine = await start(request(port, hidden));
    cleanups.push(() => engine.stop());
    await waitUntilReady(engine, soon);
    await engine.stop();
    await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow();
  },
);

test.runIf(await canMakeCgroups())(
  'children that an engine started before it was moved are in its cgroup, too',
  async () => {
    const cgroup = (await cgroupFolder(`late-${process.pid}`)) ?? '';
    expect(await makeCgroup(cgroup)).toBe(true);
    const family = spawn('sh', ['-c', 'sleep 60 & echo $!; wait'], { stdio: ['ignore', 'pipe', 'inherit'] });
    cleanups.push(async () => {
      await killCgroup(cgroup);
      await removeCgroup(cgroup);
    });
    const [printed] = await once(family.stdout, 'data');
    enterCgroup(cgroup, family.pid ?? 0);
    expect(new Set(await cgroupPids(cgroup))).toEqual(new Set([family.pid, Number(String(printed))]));
  },
);

test.skipIf(process.platform !== 'linux')(
  'an engine runs only on the CPUs that it is pinned to',
  async () => {
    launcher = open({ cpus: '0' });
    const engine = await start(
      request(await freePort(), `console.log(require('node:os').availableParallelism())`),
    );
    expect(await engine.exited).toEqual({ code: 0, signal: null });
    await engine.stop();
    expect(await readFile(join(folder, 'engine.log'), 'utf8')).toBe('1\n');
  },
);

test('changing the system clock does not shorten or lengthen a wait', async () => {
  const port = await freePort();
  const engine = await start(request(port, healthyServer));
  cleanups.push(() => engine.stop());
  const realNow = Date.now;
  let jumps = 0;
  Date.now = () => realNow() + 86_400_000 * (jumps++ % 2 === 0 ? 1 : -1);
  try {
    expect(await waitUntilReady(engine, { ...soon, timeoutS: 15 })).toBeLessThan(15);
  } finally {
    Date.now = realNow;
  }
});

test('the end of a command that exits immediately is detected', async () => {
  for (let round = 0; round < 20; round++) {
    const engine = await start({ ...request(await freePort(), ''), argv: ['true'] });
    expect(await engine.exited).toEqual({ code: 0, signal: null });
    await engine.stop();
  }
});

test('an engine that dies on start is reported with its last log lines', async () => {
  const engine = await start(
    request(await freePort(), `console.error('cannot open the weights'); process.exit(3)`),
  );
  cleanups.push(() => engine.stop());
  const failure = await waitUntilReady(engine, soon).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(EngineFailure);
  expect(failure).toMatchObject({
    failureClass: 'engine-died',
    message: 'the engine exited with exit code 3',
    logTail: 'cannot open the weights',
  });
});

test('waiting for an engine that never answers fails at the deadline with its last answer', async () => {
  const port = await freePort();
  const busy = `require('node:http').createServer((_, r) => { r.statusCode = 503; r.end(); }).listen(Number(process.argv[1]), '127.0.0.1')`;
  const engine = await start(request(port, busy));
  cleanups.push(() => engine.stop());
  const failure = await waitUntilReady(engine, { ...soon, timeoutS: 1 }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ failureClass: 'never-ready' });
  expect(String(failure)).toMatch(/not ready after 1 s .*(HTTP 503|ECONNREFUSED)/);
});

test.runIf(process.platform === 'linux')(
  'a foreign server that takes the port while the engine loads is not mistaken for the engine',
  async () => {
    const port = await freePort();
    const engine = await start(request(port, `setInterval(() => {}, 1000)`));
    cleanups.push(() => engine.stop());
    const foreign = spawn(process.execPath, ['-e', healthyServer, String(port)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    cleanups.push(() => foreign.kill('SIGKILL'));
    await once(foreign.stdout, 'data');
    const failure = await waitUntilReady(engine, soon).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      failureClass: 'cannot-start',
      message: `process ${foreign.pid} (${await nameOf(foreign.pid)}) listens on port ${port} of 127.0.0.1 but is not the engine that was started`,
    });
  },
);

test.runIf(process.platform === 'linux')(
  'a listener in the engine or its child is recognized, and another server is a different listener',
  async () => {
    const port = await freePort();
    const parent = `
      const child = () => require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(healthyServer)}, process.argv[1]], { stdio: 'inherit' }).on('exit', child);
      child();
    `;
    const engine = await start(request(port, parent));
    cleanups.push(() => engine.stop());
    await waitUntilReady(engine, soon);
    const before = await engine.listener?.();
    expect(before).toMatch(/^\d+$/);
    expect(await engine.listener?.()).toBe(before);
    await fetch(`http://127.0.0.1:${port}/exit`).catch(() => undefined);
    await waitUntilReady(engine, soon);
    expect(await engine.listener?.()).not.toBe(before);
  },
);

test.runIf(process.platform === 'linux')(
  'without a cgroup, processes that left the group and cleared their environment are found by their open log',
  async () => {
    const log = await openFile(join(folder, 'engine.log'), 'a');
    const escaped = spawn('sleep', ['600'], { detached: true, env: {}, stdio: ['ignore', log.fd, log.fd] });
    await log.close();
    const reader = spawn('tail', ['-f', join(folder, 'engine.log')], { stdio: 'ignore' });
    cleanups.push(() => reader.kill('SIGKILL'));
    const ended = once(escaped, 'exit');
    const processes = { token: 'no process has it', logPath: join(folder, 'engine.log') };
    expect(await endProcesses(thisMachine, processes, 1_000)).toBe(true);
    expect(await ended).toEqual([null, 'SIGTERM']);
    expect(reader.exitCode).toBe(null);
  },
);

test('a port held by another process is rejected before anything starts', async () => {
  const holder: Server = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  cleanups.push(() => holder.close());
  const address = holder.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  await expect(start(request(address.port, healthyServer))).rejects.toThrow(
    `port ${address.port} on 127.0.0.1 is in use by process ${process.pid} (${await nameOf(process.pid)}), which InferenceMAX did not start`,
  );
  expect(await readdir(join(folder, 'engines'))).toEqual([]);
});

test('a command that does not exist gives one clear error and leaves no record', async () => {
  const port = await freePort();
  await expect(start({ ...request(port, ''), argv: ['/no/such/engine'] })).rejects.toThrow(
    'cannot start /no/such/engine',
  );
  expect(await readdir(join(folder, 'engines'))).toEqual([]);
});

test('after kill -9 of InferenceMAX, the next start ends its engine and frees the port', async () => {
  const port = await freePort();
  const killed = await productThatStarts(port);
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('ok');

  expect(await launcher.endOrphans()).toEqual([{ sessionId: 'a-session', port }]);
  expect(await isAlive(killed.engine)).toBe(false);
  expect(await launcher.endOrphans()).toEqual([]);
  const next = await start(request(port, healthyServer));
  cleanups.push(() => next.stop());
  await waitUntilReady(next, soon);
});

test('nothing is killed if the folder in a record is not the cgroup of its engine', async () => {
  const foreign = spawn('sleep', ['600'], { stdio: 'ignore' });
  cleanups.push(async () => void foreign.kill('SIGKILL'));
  const identity = await identityOf(foreign.pid ?? 0);
  const token = 'of-the-record';
  const cgroup = join(folder, `inferencemax-${token}`);
  await mkdir(cgroup);
  await writeFile(join(cgroup, 'cgroup.procs'), `${foreign.pid}\n`);
  const owner = { pid: 2 ** 30, startedAt: 'boot/1' };
  const record = { launcher: 'local', token, sessionId: 's', port: 1, machine: hostname(), owner, cgroup };
  await mkdir(join(folder, 'engines'), { recursive: true });
  await writeFile(join(folder, 'engines', `${token}.json`), JSON.stringify(record));
  await launcher.endOrphans();
  expect(identity !== undefined && (await isAlive(identity))).toBe(true);
  const own = await cgroupFolder(token);
  if (own === undefined) return;
  expect(await isCgroupOf(own, token)).toBe(true);
  const others = [own.replace(token, 'other'), join(own, '..', '..'), `${own}/../${token}`, cgroup];
  for (const other of others) expect(await isCgroupOf(other, token)).toBe(false);
});

test('an engine is left alone while the InferenceMAX process that started it is alive', async () => {
  const port = await freePort();
  const engine = await start(request(port, healthyServer));
  cleanups.push(() => engine.stop());
  await waitUntilReady(engine, soon);
  expect(await launcher.endOrphans()).toEqual([]);
  await expect(start(request(port, healthyServer))).rejects.toThrow(
    /in use by session a-session of another run/,
  );
});

async function canMakeCgroups(): Promise<boolean> {
  const probe = await cgroupFolder(`probe-${process.pid}`);
  const child = spawn('sleep', ['5'], { stdio: 'ignore' });
  if (probe !== undefined && child.pid !== undefined && (await makeCgroup(probe)))
    enterCgroup(probe, child.pid);
  const can = probe !== undefined && (await cgroupPids(probe)).length > 0;
  child.kill('SIGKILL');
  if (probe !== undefined) await removeCgroup(probe);
  if (!can) console.warn('skipped: this user cannot make cgroups here');
  return can;
}

/** A second process that starts an engine with the same records and is then killed before it can clean up. */
async function productThatStarts(port: number) {
  const program = `
    ${statementThatOpens(settings(), join(folder, 'engines'))}
    import { waitUntilReady } from ${JSON.stringify(new URL('../readiness.ts', import.meta.url).href)};
    const context = { signal: new AbortController().signal, onProgress: () => {} };
    const place = await launcher.reserve(${JSON.stringify({ sessionId: 'a-session', image: '', acceleratorCount: 1, nodeCount: 1, workDir: folder })}, context);
    const engine = await place.start(${JSON.stringify(request(port, healthyServer))}, context);
    await waitUntilReady(engine, { healthPath: '/', timeoutS: 20, signal: new AbortController().signal });
    console.log('ready');
  `;
  const product: ChildProcess = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (product.stdout === null || product.pid === undefined) throw new Error('no product');
  await once(product.stdout, 'data');
  const [record] = await readdir(join(folder, 'engines'));
  const { engine } = JSON.parse(await readFile(join(folder, 'engines', record ?? ''), 'utf8'));
  expect(await identityOf(engine.pid)).toEqual(engine);
  product.kill('SIGKILL');
  await once(product, 'exit');
  return { engine };
}

test.each([
  ['still see the GPUs: no trouble', '', undefined],
  [
    'fail, too: their message is reported',
    "require('node:fs').writeFileSync(process.env.LOST, '');",
    /nvidia-smi/,
  ],
])('after an engine ends, the node’s tools are run; if they %s', async (_, breaks, trouble) => {
  const port = await freePort();
  const lost = join(folder, 'lost');
  await mkdir(join(folder, 'bin'));
  await writeFile(
    join(folder, 'bin', 'nvidia-smi'),
    `#!/bin/sh
if [ -e ${lost} ]; then echo 'GPU is lost'; exit 15; fi
case "$*" in
  -q|*compute-apps*) ;;
  *) echo '0, 4, 143771'; echo '1, 4, 143771';;
esac
`,
    { mode: 0o755 },
  );
  vi.stubEnv('PATH', `${join(folder, 'bin')}${delimiter}${process.env.PATH}`);
  cleanups.push(() => vi.unstubAllEnvs());
  launcher = open({ accelerator: 'nvidia', 'accelerators-per-node': 2, 'idle-timeout-s': 1 });
  const engine = await start(
    request(port, `${breaks} console.log('RuntimeError: No CUDA GPUs are available'); process.exit(1);`, {
      LOST: lost,
    }),
  );
  cleanups.push(() => engine.stop());
  const died = await waitUntilReady(engine, soon).catch((error: unknown) => error);
  if (!(died instanceof EngineFailure)) throw died;
  expect(died.logTail).toContain('No CUDA GPUs');
  if (trouble === undefined) expect(died.facts.deviceTrouble).toBeUndefined();
  else expect(died.facts.deviceTrouble).toMatch(trouble);
});
