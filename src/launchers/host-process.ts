import { constants } from 'node:os';
import { defined } from '../defined/defined.ts';
import { memoryRanOut, wasKilled } from '../failures/index.ts';
import type { Host, ProcessExit, Started } from '../hosts/index.ts';
import type { EngineExit, ExitReason } from './launcher.ts';
import { logTail } from './readiness.ts';

/** An engine's process on a host, or the client that stands for it there. */
export interface EngineProcess {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logPath: string;
  /** The working folder, by its path on the host. */
  readonly folder?: string;
  readonly onSpawn?: (pid: number) => void;
  /** What a client's own exit codes mean, with the last line of the log; undefined for those of the engine. */
  readonly explain?: (exit: ProcessExit, lastLine: string) => ExitReason | undefined;
}

/** Starts an engine on a host. `exited` says what its end means. Throws HostFailure if it cannot be started. */
export async function startEngineProcess(
  host: Host,
  { argv, explain, ...options }: EngineProcess,
): Promise<{ readonly process: Started; readonly exited: Promise<EngineExit> }> {
  const killsBefore = await oomKills(host);
  const process = await host.start(argv, options);
  const exited = process.ended.then(async (ended): Promise<EngineExit> => {
    const exit = host.isThisMachine && explain === undefined ? ended : exitOf(ended);
    const lastLine = (await logTail(options.logPath)).split('\n').at(-1) ?? '';
    const reason =
      explain?.(ended, lastLine) ??
      connectionLost(host, ended, lastLine) ??
      (wasKilled(exit) ? await killedForMemory(host, exit, killsBefore) : undefined);
    return { ...exit, ...defined({ reason }) };
  });
  return { process, exited };
}

/**
 * The end of a process as its client reports it: docker, srun and shells exit with 128 plus the signal's number if a
 * signal ended it.
 */
export function exitOf({ code, signal }: ProcessExit): ProcessExit {
  if (code === null || code <= 128) return { code, signal };
  const [name] = Object.entries(constants.signals).find(([, number]) => number === code - 128) ?? [];
  return name === undefined ? { code, signal } : { code: null, signal: name };
}

/** ssh itself exits with 255, which is then all that is known about the engine. */
function connectionLost(
  { destination }: Host,
  { code }: ProcessExit,
  lastLine: string,
): ExitReason | undefined {
  if (code !== 255 || destination === undefined) return undefined;
  const said = lastLine === '' ? '' : `: ${lastLine}`;
  return { failureClass: 'node-lost', message: `the connection to ${destination} was lost${said}` };
}

async function killedForMemory(
  host: Host,
  exit: ProcessExit,
  killsBefore: number | undefined,
): Promise<ExitReason | undefined> {
  const kills = await oomKills(host);
  if (kills === undefined || killsBefore === undefined) return undefined;
  const message = memoryRanOut({ ...exit, kernelKills: kills - killsBefore });
  return message === undefined ? undefined : { failureClass: 'out-of-memory', message };
}

/** How many processes the kernel of a host has ended because memory ran out since it booted; undefined if it does not say. */
async function oomKills(host: Host): Promise<number | undefined> {
  const counters = await host.readFile('/proc/vmstat').catch(() => '');
  const kills = /^oom_kill (\d+)$/m.exec(counters)?.[1];
  return kills === undefined ? undefined : Number(kills);
}
