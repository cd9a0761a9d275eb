import { constants } from 'node:os';
import { defined } from '../defined/defined.ts';
import { memoryRanOut } from '../failures/index.ts';
import type { Host, ProcessExit, Started } from '../hosts/index.ts';
import { logTail } from './engine-log.ts';
import type { EngineExit, ExitReason } from './launcher.ts';

/** An engine's process on a host, or the client (docker, srun) that represents it. */
export interface EngineProcess {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logPath: string;
  /** The working folder, as a path on the host. */
  readonly folder?: string;
  readonly onSpawn?: (pid: number) => void;
  /**
   * Returns how the engine ended after its client has exited; undefined if the client's exit is all there is to know.
   */
  readonly engineEnd?: (client: ProcessExit) => Promise<EngineExit | undefined>;
  /** Whether the engine still runs although its client has exited; throws if its host does not answer. */
  readonly stillRuns?: () => Promise<boolean>;
}

/**
 * Starts an engine on a host. `exited` resolves to how and why it ended. Throws HostFailure if it cannot be started.
 */
export async function startEngineProcess(
  host: Host,
  { argv, engineEnd, stillRuns, ...options }: EngineProcess,
): Promise<{ readonly process: Started; readonly exited: Promise<EngineExit> }> {
  const killsBefore = await oomKills(host);
  const process = await host.start(argv, options);
  const exited = process.ended.then(async (ended): Promise<EngineExit> => {
    const found = await engineEnd?.(ended);
    if (found?.reason !== undefined) return found;
    const exit = found ?? (host.isThisMachine && engineEnd === undefined ? ended : exitOf(ended));
    const tail = await logTail(options.logPath);
    const told = found === undefined ? await connectionLost(host, ended, tail, stillRuns) : undefined;
    if (told !== undefined) return { ...exit, reason: told };
    const killsAfter = await oomKills(host);
    const grew = killsBefore !== undefined && killsAfter !== undefined && killsAfter > killsBefore;
    const counted = defined({ kernelKills: grew ? killsAfter - killsBefore : undefined });
    const message = memoryRanOut({ ...exit, ...counted });
    const reason: ExitReason | undefined =
      message === undefined ? undefined : { failureClass: 'out-of-memory', message };
    return { ...exit, ...counted, ...defined({ reason }) };
  });
  return { process, exited };
}

/**
 * Converts the exit of a client: docker, srun and shells exit with 128 + signal number if a signal ended the process.
 */
export function exitOf({ code, signal }: ProcessExit): ProcessExit {
  if (code === null || code <= 128) return { code, signal };
  const [name] = Object.entries(constants.signals).find(([, number]) => number === code - 128) ?? [];
  return name === undefined ? { code, signal } : { code: null, signal: name };
}

/** Messages that show that ssh itself has ended, not the command. */
const wordsOfSsh =
  /client_loop:|[Bb]roken pipe|Connection (?:to \S+ )?(?:closed|reset|timed out|refused)|Timeout, server|ssh: connect to host|kex_exchange|Host key verification|ssh_exchange|packet_write_wait/;

/**
 * Both ssh itself and programs may exit with 255. It was ssh if the engine still runs, if the host no longer answers,
 * or if the last line of its log is an error message of ssh.
 */
async function connectionLost(
  { destination }: Host,
  { code }: ProcessExit,
  tail: string,
  stillRuns: (() => Promise<boolean>) | undefined,
): Promise<ExitReason | undefined> {
  if (code !== 255 || destination === undefined) return undefined;
  const lastLine = tail.split('\n').at(-1) ?? '';
  const isThere = (await stillRuns?.().catch(() => true)) ?? false;
  if (!isThere && !wordsOfSsh.test(lastLine)) return undefined;
  const said = lastLine === '' ? '' : `: ${lastLine}`;
  return { failureClass: 'node-lost', message: `the connection to ${destination} was lost${said}` };
}

/** The kernel's out-of-memory kills on a host since boot; undefined if unknown. */
async function oomKills(host: Host): Promise<number | undefined> {
  const counters = await host.run(['cat', '/proc/vmstat'], { timeoutMs: countMs }).catch(() => undefined);
  const kills = /^oom_kill (\d+)$/m.exec(counters?.stdout ?? '')?.[1];
  return kills === undefined ? undefined : Number(kills);
}
const countMs = 10_000;
