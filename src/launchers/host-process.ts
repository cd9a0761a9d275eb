import { constants } from 'node:os';
import { defined } from '../defined/defined.ts';
import { memoryRanOut } from '../failures/index.ts';
import type { Host, ProcessExit, Started } from '../hosts/index.ts';
import { logTail } from './engine-log.ts';
import type { EngineExit, ExitReason } from './launcher.ts';

/** An engine's process on a host, or the client that stands for it there. */
export interface EngineProcess {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logPath: string;
  /** The working folder, by its path on the host. */
  readonly folder?: string;
  readonly onSpawn?: (pid: number) => void;
  /** How the engine ended whose client has, if the client only stands for it; undefined where its end says it all. */
  readonly engineEnd?: (client: ProcessExit) => Promise<EngineExit | undefined>;
  /** Whether the engine is there although its client has ended; throws where its host does not answer. */
  readonly stillRuns?: () => Promise<boolean>;
}

/** Starts an engine on a host. `exited` says what its end means. Throws HostFailure if it cannot be started. */
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
 * The end of a process as its client reports it: docker, srun and shells exit with 128 plus the signal's number if a
 * signal ended it.
 */
export function exitOf({ code, signal }: ProcessExit): ProcessExit {
  if (code === null || code <= 128) return { code, signal };
  const [name] = Object.entries(constants.signals).find(([, number]) => number === code - 128) ?? [];
  return name === undefined ? { code, signal } : { code: null, signal: name };
}

/** How ssh says that it is ssh that has ended, and not the command. */
const wordsOfSsh =
  /client_loop:|[Bb]roken pipe|Connection (?:to \S+ )?(?:closed|reset|timed out|refused)|Timeout, server|ssh: connect to host|kex_exchange|Host key verification|ssh_exchange|packet_write_wait/;

/**
 * ssh itself exits with 255, and so do programs. It was ssh if the engine is still there, if the host does not answer
 * any more, or if ssh says so.
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

/** How many processes the kernel of a host has ended because memory ran out since it booted; undefined if it does not say. */
async function oomKills(host: Host): Promise<number | undefined> {
  const counters = await host.run(['cat', '/proc/vmstat'], { timeoutMs: countMs }).catch(() => undefined);
  const kills = /^oom_kill (\d+)$/m.exec(counters?.stdout ?? '')?.[1];
  return kills === undefined ? undefined : Number(kills);
}
const countMs = 10_000;
