import { hostname } from 'node:os';
import { z } from 'zod';
import { vendorNamed } from '../../accelerators/index.ts';
import { messageOf } from '../../errors.ts';
import { attempt, type Finding } from '../../finding.ts';
import { type Host, HostFailure } from '../../hosts/index.ts';
import { identityOf, type ProcessIdentity } from '../../process/identity.ts';
import type { EngineStart, Held, StartedEngine } from '../definition.ts';
import { EngineFailure } from '../engine-failure.ts';
import { processIdentity } from '../engine-record.ts';
import { startEngineProcess } from '../host-process.ts';
import { defineLauncher } from '../lifecycle.ts';
import { examineNode } from '../node-checks.ts';
import { listenerOf } from '../port-holder.ts';
import { sharedSettings } from '../settings.ts';
import { cgroupFolder, enterCgroup, isCgroupOf, makeCgroup, removeCgroup } from './cgroup.ts';
import { anyProcess, endProcesses, pidsHere } from './processes.ts';

const settings = z.object({
  /** The address that the engine listens on and the load generator connects to. */
  host: z.string().default('127.0.0.1'),
  ...sharedSettings,
  /** CPUs to pin the engine to, in the syntax of `taskset --cpu-list`. */
  cpus: z
    .string()
    .regex(/^\d+(-\d+(:\d+)?)?(,\d+(-\d+(:\d+)?)?)*$/, 'expected a list of CPUs such as 0-15,32-47')
    .optional(),
});
type LocalSettings = z.output<typeof settings>;

const recordFields = {
  /** Absent between writing the record and starting the process, and on another host. */
  engine: processIdentity.optional(),
  /** The folder of its cgroup, if it has one. */
  cgroup: z.string().optional(),
};

/** Time between SIGTERM and SIGKILL. */
const defaultGraceMs = 10_000;

/**
 * Runs engines as processes. On this machine each has its own process group and cgroup; on another host, the token in
 * their environment identifies them.
 */
export function localLauncher({ graceMs = defaultGraceMs } = {}) {
  return defineLauncher({
    kind: 'local',
    settings,
    record: recordFields,
    nodesShareMachine: true,
    runs: ({ host }) => (host.isThisMachine ? 'provisioned engines' : 'installed engines'),
    commands: ({ argv, env }, { settings: { cpus } }) => [{ argv: pinned(argv, cpus), env }],
    reserve: async ({ folder }, { settings: { cpus }, host }): Promise<Held<typeof recordFields>> => ({
      nodes: [host.destination ?? hostname()],
      hosts: [host],
      address: async (request) => (host.isThisMachine ? request.host : '127.0.0.1'),
      start: async (start) =>
        await startProcesses(host, folder, pinned(start.request.argv, cpus), start, graceMs),
    }),
    endLeftover: async (left, { host }) => {
      const named = left.cgroup;
      const cgroup = named !== undefined && (await isCgroupOf(named, left.token)) ? named : undefined;
      const any = await endProcesses(host, { ...left, cgroup }, graceMs);
      if (cgroup !== undefined) await removeCgroup(cgroup);
      return any;
    },
    examine: async ({ settings: own, host }, file) => [
      ...(await examinePinning(own.cpus, host)),
      ...(await examineNode(own, host, file)),
      ...examineVisibleDevices(own, host),
    ],
  });
}

export const local = localLauncher();

function pinned(argv: readonly string[], cpus: string | undefined): readonly string[] {
  return cpus === undefined ? argv : ['taskset', '--cpu-list', cpus, ...argv];
}

async function startProcesses(
  host: Host,
  folder: string,
  argv: readonly string[],
  { request, env, record }: EngineStart<typeof recordFields>,
  graceMs: number,
): Promise<StartedEngine> {
  const cgroup = host.isThisMachine ? await cgroupFolder(record.token) : undefined;
  if (cgroup !== undefined) await record.update({ cgroup });
  const confined = cgroup !== undefined && (await makeCgroup(cgroup));
  const { logPath } = request;
  let engine: ProcessIdentity | undefined;
  const processes = () => ({ token: record.token, engine, cgroup, logPath });
  const end = async () => {
    await endProcesses(host, processes(), graceMs);
    if (cgroup !== undefined) await removeCgroup(cgroup);
  };
  try {
    const { process, exited } = await startEngineProcess(host, {
      argv,
      env,
      folder,
      logPath,
      onSpawn: (pid) => (confined ? enterCgroup(cgroup, pid) : undefined),
      stillRuns: async () => await anyProcess(host, { token: record.token }),
    });
    if (host.isThisMachine) {
      engine = await identityOf(process.pid);
      await record.update({ engine, cgroup });
      const pids = async () => await pidsHere(processes());
      const listener = async () => await listenerOf(request, { token: record.token, pids }, host);
      return { exited, end, listener };
    }
    // The client ends with the engine, unless it has lost the connection.
    return {
      exited,
      end: async () => {
        await end();
        process.kill('SIGTERM');
      },
      listener: async () => await listenerOf(request, { token: record.token, folders: [folder] }, host),
    };
  } catch (error) {
    await end();
    if (!(error instanceof HostFailure)) throw error;
    throw new EngineFailure('cannot-start', `cannot start ${argv[0]}: ${messageOf(error.cause)}`);
  }
}

async function examinePinning(cpus: string | undefined, host: Host): Promise<readonly Finding[]> {
  if (cpus === undefined) return [];
  return await attempt('cpus', 'correct cpus, or install util-linux', async () => {
    const { code, stderr } = await host.run(['taskset', '--cpu-list', cpus, 'true']);
    if (code !== 0) throw new Error(`engines cannot be pinned to CPUs ${cpus}: ${stderr.trim()}`);
    return [{ check: 'cpus', state: 'ok', message: `engines are pinned to CPUs ${cpus}` }];
  });
}

/** Engines on this machine inherit this process's environment, which may hide devices from them. */
function examineVisibleDevices({ accelerator }: LocalSettings, host: Host): Finding[] {
  if (!host.isThisMachine) return [];
  return vendorNamed(accelerator).visibleDevices.flatMap((name): Finding[] =>
    process.env[name] === undefined
      ? []
      : [
          {
            check: 'accelerators',
            state: 'warning',
            message: `${name} is set, so engines see only devices ${process.env[name]}`,
            todo: `unset ${name}, or make accelerators-per-node agree with it`,
          },
        ],
  );
}
