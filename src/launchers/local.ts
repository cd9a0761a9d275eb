import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { InputError, messageOf, WorkError } from '../errors.ts';
import { identityOf, isAlive, pidsWithEnvironment } from '../process/identity.ts';
import { type EngineRecord, EngineRecords, tokenVariable } from './engine-record.ts';
import type { EndedOrphan, EngineExit, Launcher, LaunchRequest, RunningEngine } from './launcher.ts';

/** How long an engine may take to end by itself after SIGTERM, before SIGKILL. */
const defaultGraceMs = 10_000;
/** How long the system may take to remove it after SIGKILL, before this is reported as a failure. */
const killMs = 10_000;
const pollMs = 100;

/** Starts engines as processes of this machine, each in a process group of its own. */
export class LocalLauncher implements Launcher {
  readonly #records: EngineRecords;
  readonly #graceMs: number;

  /** @param recordFolder Where the records of started engines are kept; shared by all runs on this machine. */
  constructor(recordFolder: string, options: { readonly graceMs?: number } = {}) {
    this.#records = new EngineRecords(recordFolder);
    this.#graceMs = options.graceMs ?? defaultGraceMs;
  }

  async endOrphans(): Promise<EndedOrphan[]> {
    const ended: EndedOrphan[] = [];
    for (const record of await this.#records.list()) {
      if (await isAlive(record.owner)) continue;
      const pids = await livePids(record);
      if (pids.length > 0) {
        await endAll(() => livePids(record), this.#graceMs);
        ended.push({ sessionId: record.sessionId, port: record.port });
      }
      await this.#records.remove(record.token);
    }
    return ended;
  }

  async start(request: LaunchRequest): Promise<RunningEngine> {
    await this.#refuseTakenPort(request);
    const owner = await identityOf(process.pid);
    if (owner === undefined) throw new Error('this process has no identity');
    const record: EngineRecord = {
      token: randomUUID(),
      sessionId: request.sessionId,
      port: request.port,
      owner,
    };
    await this.#records.write(record);
    const child = await this.#spawn(request, record.token);
    const exited = new Promise<EngineExit>((resolve) =>
      child.once('exit', (code, signal) => resolve({ code, signal })),
    );
    const engine = child.pid === undefined ? undefined : await identityOf(child.pid);
    const started: EngineRecord = engine === undefined ? record : { ...record, engine };
    await this.#records.write(started);
    let stopping: Promise<void> | undefined;
    return {
      baseUrl: `http://${request.host}:${request.port}`,
      logPath: request.logPath,
      exited,
      stop: () => {
        stopping ??= endAll(() => livePids(started), this.#graceMs).then(() =>
          this.#records.remove(record.token),
        );
        return stopping;
      },
    };
  }

  async #spawn(request: LaunchRequest, token: string): Promise<ChildProcess> {
    const [command, ...args] = request.argv;
    if (command === undefined) throw new Error(`session ${request.sessionId} has an empty command`);
    await mkdir(dirname(request.logPath), { recursive: true });
    const log = await open(request.logPath, 'a');
    try {
      const child = spawn(command, args, {
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
        env: { ...process.env, ...request.env, [tokenVariable]: token },
      });
      await new Promise((resolve, reject) => {
        child.once('spawn', resolve);
        child.once('error', reject);
      });
      return child;
    } catch (error) {
      await this.#records.remove(token);
      throw new WorkError(`cannot start ${command}: ${messageOf(error)}`, { cause: error });
    } finally {
      await log.close();
    }
  }

  async #refuseTakenPort({ host, port }: LaunchRequest): Promise<void> {
    const free = await canListen(host, port);
    if (free) return;
    const holder = (await this.#records.list()).find((record) => record.port === port);
    throw new InputError(
      holder === undefined
        ? `port ${port} on ${host} is in use by a process that this product did not start`
        : `port ${port} on ${host} is in use by session ${holder.sessionId} of another run (process ${holder.owner.pid})`,
      holder === undefined
        ? 'stop it, or choose another port with --port'
        : 'wait for it, or choose another port with --port',
    );
  }
}

/** The live processes of a record: by the token in their environment, and by the recorded process itself. */
async function livePids(record: EngineRecord): Promise<number[]> {
  const pids = new Set(await pidsWithEnvironment(tokenVariable, record.token));
  if (record.engine !== undefined && (await isAlive(record.engine))) pids.add(record.engine.pid);
  return [...pids];
}

/** Asks the processes to end, waits for the grace, then makes them; returns when none is left. */
async function endAll(find: () => Promise<number[]>, graceMs: number): Promise<void> {
  const start = performance.now();
  let asked = false;
  for (let pids = await find(); pids.length > 0; pids = await find()) {
    const elapsedMs = performance.now() - start;
    if (elapsedMs > graceMs + killMs)
      throw new WorkError(`processes ${pids.join(', ')} do not end, even by SIGKILL`);
    const insist = elapsedMs > graceMs;
    if (!asked || insist) for (const pid of pids) signalGroup(pid, insist ? 'SIGKILL' : 'SIGTERM');
    asked = true;
    await delay(pollMs);
  }
}

/** Signals a process, with its group where it leads one. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, signal);
      return;
    } catch {
      // No such group or process: the next target, or nothing left to do.
    }
  }
}

async function canListen(host: string, port: number): Promise<boolean> {
  return await new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
