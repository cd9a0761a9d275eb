import { spawn } from 'node:child_process';
import { mkdir, open } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, WorkError } from '../errors.ts';
import { identityOf, isAlive, pidsWithEnvironment } from '../process/identity.ts';
import { cgroupFolder, cgroupPids, enterCgroup, killCgroup, makeCgroup, removeCgroup } from './cgroup.ts';
import { engineEnvironment } from './engine-environment.ts';
import { type EngineRecord, EngineRecords, newRecord, tokenVariable } from './engine-record.ts';
import { type Started, thisMachine } from './host.ts';
import type {
  EndedOrphan,
  EngineExit,
  LaunchContext,
  Launcher,
  LaunchRequest,
  Reservation,
  ReserveRequest,
  RunningEngine,
} from './launcher.ts';
import { killedForMemory, oomKills } from './oom-kills.ts';
import type { LocalSettings } from './pool-settings.ts';
import { refuseTakenPort } from './port.ts';
import { waitUntilIdle } from './preflight/idle.ts';
import { queryOn } from './preflight/query.ts';
import type { ProcessExit } from './process-exit.ts';
import { singleNodeOnly, singleStepOnly } from './single-node.ts';
import { writeLaunchFiles } from './working-folder.ts';

/** How long an engine may take to end by itself after SIGTERM, before SIGKILL. */
const defaultGraceMs = 10_000;
/** How long the system may take to remove it after SIGKILL, before this is reported as a failure. */
const killMs = 10_000;
const pollMs = 100;

type LocalRecord = Extract<EngineRecord, { launcher: 'local' }>;

/** Starts engines as processes of this machine, each in a process group of its own. */
export class LocalLauncher implements Launcher {
  readonly runs = 'provisioned engines';
  readonly #settings: LocalSettings;
  readonly #records: EngineRecords;
  readonly #graceMs: number;

  /** @param recordFolder Where the records of started engines are kept; shared by all runs on this machine. */
  constructor(settings: LocalSettings, recordFolder: string, options: { readonly graceMs?: number } = {}) {
    this.#settings = settings;
    this.#records = new EngineRecords(recordFolder);
    this.#graceMs = options.graceMs ?? defaultGraceMs;
  }

  async endOrphans(): Promise<EndedOrphan[]> {
    const ended: EndedOrphan[] = [];
    for (const record of await this.#records.orphans('local', undefined)) {
      const pids = await livePids(record);
      if (pids.length > 0) {
        await endAll(record, this.#graceMs);
        ended.push({ sessionId: record.sessionId, port: record.port });
      }
      if (record.cgroup !== undefined) await removeCgroup(record.cgroup);
      await this.#records.remove(record.token);
    }
    return ended;
  }

  async reserve(request: ReserveRequest): Promise<Reservation> {
    singleNodeOnly(request, 'local');
    return {
      nodes: [hostname()],
      beside: (argv) => argv,
      start: async (launch, context) => await this.#start(launch, request.workDir, context),
      release: async () => {},
    };
  }

  async #start(request: LaunchRequest, workDir: string, context: LaunchContext): Promise<RunningEngine> {
    singleStepOnly(request, 'local');
    const { accelerator } = this.#settings;
    await waitUntilIdle(
      accelerator,
      queryOn(thisMachine),
      this.#settings['idle-timeout-s'],
      context,
      request.accelerators,
    );
    await refuseTakenPort(request, this.#records);
    await writeLaunchFiles(workDir, request.files ?? []);
    const identity = await newRecord(request.sessionId, request.port);
    const cgroup = await cgroupFolder(`inferencemax-${identity.token}`);
    const record: LocalRecord = {
      launcher: 'local',
      ...identity,
      ...(cgroup === undefined ? {} : { cgroup }),
    };
    await this.#records.write(record);
    const killsBefore = await oomKills(thisMachine);
    const { child, ended } = await this.#spawn(request, workDir, record);
    const exited = ended.then(async (exit): Promise<EngineExit> => {
      const reason = await killedForMemory(thisMachine, exit, killsBefore);
      return { ...exit, ...(reason === undefined ? {} : { reason }) };
    });
    const engine = child.pid === undefined ? undefined : await identityOf(child.pid);
    const started: LocalRecord = engine === undefined ? record : { ...record, engine };
    await this.#records.write(started);
    let stopping: Promise<void> | undefined;
    return {
      baseUrl: `http://${request.host}:${request.port}`,
      logPath: request.logPath,
      exited,
      stop: () => {
        stopping ??= (async () => {
          await endAll(started, this.#graceMs);
          if (cgroup !== undefined) await removeCgroup(cgroup);
          await this.#records.remove(record.token);
        })();
        return stopping;
      },
    };
  }

  async #spawn(request: LaunchRequest, workDir: string, { token, cgroup }: LocalRecord): Promise<Started> {
    const { cpus } = this.#settings;
    const pinned = cpus === undefined ? request.argv : ['taskset', '--cpu-list', cpus, ...request.argv];
    const [command, ...args] = pinned;
    if (command === undefined) throw new Error(`session ${request.sessionId} has an empty command`);
    await mkdir(dirname(request.logPath), { recursive: true });
    const log = await open(request.logPath, 'a');
    const confined = cgroup !== undefined && (await makeCgroup(cgroup));
    try {
      const child = spawn(command, args, {
        cwd: workDir,
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
        env: { ...process.env, ...engineEnvironment(this.#settings, request, token) },
      });
      if (confined && child.pid !== undefined) enterCgroup(cgroup, child.pid);
      // Listened for from the first moment: a command may end before anything else is done here.
      const ended = new Promise<ProcessExit>((resolve) =>
        child.once('exit', (code, signal) => resolve({ code, signal })),
      );
      await new Promise((resolve, reject) => {
        child.once('spawn', resolve);
        child.once('error', reject);
      });
      return { child, ended };
    } catch (error) {
      if (confined) await removeCgroup(cgroup);
      await this.#records.remove(token);
      throw new WorkError(`cannot start ${command}: ${messageOf(error)}`, { cause: error });
    } finally {
      await log.close();
    }
  }
}

/** The live processes of a record: in its cgroup, by the token in their environment, and the recorded process itself. */
async function livePids(record: LocalRecord): Promise<number[]> {
  const pids = new Set(await pidsWithEnvironment(tokenVariable, record.token));
  for (const pid of record.cgroup === undefined ? [] : await cgroupPids(record.cgroup)) pids.add(pid);
  if (record.engine !== undefined && (await isAlive(record.engine))) pids.add(record.engine.pid);
  return [...pids];
}

/** Asks the processes to end, waits for the grace, then makes them; returns when none is left. */
async function endAll(record: LocalRecord, graceMs: number): Promise<void> {
  const start = performance.now();
  let asked = false;
  for (let pids = await livePids(record); pids.length > 0; pids = await livePids(record)) {
    const elapsedMs = performance.now() - start;
    if (elapsedMs > graceMs + killMs)
      throw new WorkError(`processes ${pids.join(', ')} do not end, even by SIGKILL`);
    const insist = elapsedMs > graceMs;
    if (insist && record.cgroup !== undefined) await killCgroup(record.cgroup);
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
