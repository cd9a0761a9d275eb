import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { vendorNamed } from '../accelerators/index.ts';
import { messageOf, WorkError } from '../errors.ts';
import { HostFailure, type Started, thisMachine } from '../hosts/index.ts';
import { identityOf, isAlive, pidsWithEnvironment } from '../process/identity.ts';
import { cgroupFolder, cgroupPids, enterCgroup, killCgroup, makeCgroup, removeCgroup } from './cgroup.ts';
import { engineEnvironment } from './engine-environment.ts';
import { type EngineRecord, EngineRecords, newRecord, tokenVariable } from './engine-record.ts';
import { waitUntilIdle } from './idle.ts';
import { inEngineTerms } from './in-engine-terms.ts';
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
import { oomKills, outOfMemory } from './oom-kills.ts';
import type { LocalSettings } from './pool-settings.ts';
import { refuseTakenPort } from './port.ts';
import { singleNodeOnly, singleStepOnly } from './single-node.ts';

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
      node: thisMachine,
      start: async (launch, context) =>
        await inEngineTerms(async () => await this.#start(launch, request.workDir, context)),
      release: async () => {},
    };
  }

  async #start(request: LaunchRequest, workDir: string, context: LaunchContext): Promise<RunningEngine> {
    singleStepOnly(request, 'local');
    await waitUntilIdle(
      vendorNamed(this.#settings.accelerator),
      thisMachine,
      this.#settings['idle-timeout-s'],
      context,
    );
    await refuseTakenPort(request, this.#records);
    await thisMachine.writeFiles(workDir, request.files ?? []);
    const identity = await newRecord(request.sessionId, request.port);
    const cgroup = await cgroupFolder(`inferencemax-${identity.token}`);
    const record: LocalRecord = {
      launcher: 'local',
      ...identity,
      ...(cgroup === undefined ? {} : { cgroup }),
    };
    await this.#records.write(record);
    const killsBefore = await oomKills(thisMachine);
    const process = await this.#spawn(request, workDir, record);
    const exited = process.ended.then(async ({ code, signal }): Promise<EngineExit> => {
      const forMemory = signal === 'SIGKILL' && (await oomKills(thisMachine)) > killsBefore;
      return { code, signal, ...(forMemory ? { reason: outOfMemory } : {}) };
    });
    const engine = await identityOf(process.pid);
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
    const confined = cgroup !== undefined && (await makeCgroup(cgroup));
    try {
      return await thisMachine.start(pinned, {
        env: engineEnvironment(this.#settings, request, token),
        folder: workDir,
        logPath: request.logPath,
        onSpawn: (pid) => {
          if (confined) enterCgroup(cgroup, pid);
        },
      });
    } catch (error) {
      if (confined) await removeCgroup(cgroup);
      await this.#records.remove(token);
      if (!(error instanceof HostFailure)) throw error;
      throw new WorkError(`cannot start ${pinned[0]}: ${messageOf(error.cause)}`, { cause: error });
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
