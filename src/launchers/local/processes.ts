import { setTimeout as delay } from 'node:timers/promises';
import { WorkError } from '../../errors.ts';
import { type Host, mustRun } from '../../hosts/index.ts';
import { isAlive, type ProcessIdentity, pidsThatWrite, pidsWithEnvironment } from '../../process/identity.ts';
import { tokenVariable } from '../engine-record.ts';
import { cgroupPids, killCgroup } from './cgroup.ts';

/** How to identify the processes of an engine. */
export interface EngineProcesses {
  /** The engine's token: every process of the engine has it in its environment, unless it has cleared that. */
  readonly token: string;
  /** The engine's first process on this machine; absent before the start, and on another host. */
  readonly engine?: ProcessIdentity | undefined;
  /** The engine's cgroup folder on this machine, if it has one. */
  readonly cgroup?: string | undefined;
  /** The engine's log on this machine. A process that left the group and cleared its environment still has it open. */
  readonly logPath?: string | undefined;
}

/** Sends a signal to the processes of an engine (`0` only checks) and returns the pids that exist. */
type Signal = (signal: 'TERM' | 'KILL' | '0') => Promise<readonly number[]>;

/** How long the system may take to remove processes after SIGKILL before this counts as a failure. */
const killMs = 10_000;
const pollMs = 100;
const commandMs = 60_000;

/** Sends SIGTERM to the processes of an engine, then SIGKILL after the grace period; returns whether there were any. */
export async function endProcesses(
  host: Host,
  processes: EngineProcesses,
  graceMs: number,
): Promise<boolean> {
  const signal = host.isThisMachine ? signalHere(processes) : signalOn(host, processes);
  const start = performance.now();
  let pids = await signal('TERM');
  const any = pids.length > 0;
  while (pids.length > 0) {
    const elapsedMs = performance.now() - start;
    if (elapsedMs > graceMs + killMs) {
      const where = host.destination === undefined ? '' : ` of ${host.destination}`;
      throw new WorkError(`processes ${pids.join(', ')}${where} do not end, even after SIGKILL`, {
        code: 'engine-failed',
      });
    }
    await delay(pollMs);
    pids = await signal(elapsedMs > graceMs ? 'KILL' : '0');
  }
  return any;
}

/**
 * The engine's processes on this machine: those in its cgroup, with its token, or with its log open, and the recorded
 * process itself.
 */
export async function pidsHere({ token, engine, cgroup, logPath }: EngineProcesses): Promise<Set<number>> {
  const pids = new Set(await pidsWithEnvironment(tokenVariable, token));
  for (const pid of cgroup === undefined ? [] : await cgroupPids(cgroup)) pids.add(pid);
  for (const pid of logPath === undefined ? [] : await pidsThatWrite(logPath)) pids.add(pid);
  if (engine !== undefined && (await isAlive(engine))) pids.add(engine.pid);
  return pids;
}

/** Signals each process, and its process group if it leads one. */
function signalHere(processes: EngineProcesses): Signal {
  return async (signal) => {
    if (signal === 'KILL' && processes.cgroup !== undefined) await killCgroup(processes.cgroup);
    const pids = await pidsHere(processes);
    if (signal !== '0') for (const pid of pids) signalGroup(pid, `SIG${signal}`);
    return [...pids];
  };
}

function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, signal);
      return;
    } catch {
      // There is no such group or process. Try the next one.
    }
  }
}

/** Whether any process of an engine exists on its host. */
export async function anyProcess(host: Host, processes: EngineProcesses): Promise<boolean> {
  const signal = host.isThisMachine ? signalHere(processes) : signalOn(host, processes);
  return (await signal('0')).length > 0;
}

/** Sends the signal $1 to every process whose environment has $2=$3, and prints their pids; 0 only checks. */
const signalByEnvironment = `for file in $(grep -lzxF "$2=$3" /proc/[0-9]*/environ 2>/dev/null); do
  pid=\${file#/proc/} pid=\${pid%/environ}
  kill -s "$1" "$pid" 2>/dev/null && echo "$pid"
done
exit 0`;

function signalOn(host: Host, { token }: EngineProcesses): Signal {
  return async (signal) => {
    const argv = ['sh', '-c', signalByEnvironment, 'signal-by-environment', signal, tokenVariable, token];
    const printed = await mustRun(host, argv, { timeoutMs: commandMs });
    return printed
      .split('\n')
      .filter((pid) => pid !== '')
      .map(Number);
  };
}
