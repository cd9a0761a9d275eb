import { isIPv4 } from 'node:net';
import type { Runner } from '../hosts/index.ts';
import { EngineFailure } from './engine-failure.ts';
import { type Listener, lookAtPort, type PortLook } from './port-look.ts';

/** An address that an engine listens on. */
interface Listening {
  readonly host: string;
  readonly port: number;
}

/** How to recognize the processes of an engine. */
export interface OwnProcesses {
  /** The engine's token: every process of the engine has it in its environment, unless it has cleared that. */
  readonly token: string;
  /** The engine's possible working folders, which identify a process that hides its environment. */
  readonly folders?: readonly string[];
  /** Processes that are known by other means. */
  readonly pids?: () => Promise<ReadonlySet<number>>;
}

/**
 * The sockets that accept connections to a port, as a text that changes if the sockets change; undefined if that cannot
 * be seen, or if nothing listens. Throws EngineFailure if one of them is held neither by a process of the engine nor by
 * a descendant of one: otherwise a foreign server would be measured instead.
 * @param through Where the engine's processes are visible: its machine, or its container.
 * @param machine Where other processes are visible.
 */
export async function listenerOf(
  at: Listening,
  known: OwnProcesses,
  through: Runner,
  machine: Runner = through,
): Promise<string | undefined> {
  const look = await lookAtPort(through, at.port, known.token);
  const listeners = look?.listeners.filter((listener) => takes(listener.address, at.host)) ?? [];
  if (look === undefined || listeners.length === 0) return undefined;
  const own = new Set([...look.own, ...((await known.pids?.()) ?? [])]);
  const isEngine = (pid: number) => isOwn(pid, look, own, known.folders ?? []);
  const foreign = listeners.filter(
    ({ inode }) => !look.held.some((holder) => holder.inode === inode && isEngine(holder.pid)),
  );
  const [first] = foreign;
  if (first === undefined)
    return listeners
      .map(({ inode }) => inode)
      .toSorted()
      .join(' ');
  // If none of the engine's processes, or none of their open files, are visible, the engine may be the listener.
  if (own.size === 0 || look.someHidden || look.closed.some(isEngine)) return undefined;
  const elsewhere = holderOf(first, look) ?? holderOf(first, await lookAtPort(machine, at.port, known.token));
  throw new EngineFailure(
    'cannot-start',
    `${elsewhere ?? `a process of user ${first.uid}`} listens on port ${at.port} of ${at.host} but is not the engine that was started`,
  );
}

/** Describes the process that listens on a port of a machine; undefined if none does or none is visible. */
export async function holderInWords(at: Listening, machine: Runner): Promise<string | undefined> {
  const look = await lookAtPort(machine, at.port, 'no such token');
  const listener = look?.listeners.find(({ address }) => takes(address, at.host));
  if (listener === undefined) return undefined;
  return holderOf(listener, look) ?? `a process of user ${listener.uid}`;
}

function holderOf({ inode }: Listener, look: PortLook | undefined): string | undefined {
  const pid = look?.held.find((holder) => holder.inode === inode)?.pid;
  if (pid === undefined) return undefined;
  return `process ${pid} (${look?.processes.get(pid)?.name ?? 'unknown'})`;
}

/**
 * Whether a process belongs to the engine: by its token, by its folder if it has no token, or because an engine process
 * started it.
 */
function isOwn(
  pid: number,
  { processes }: PortLook,
  own: ReadonlySet<number>,
  folders: readonly string[],
): boolean {
  for (let at = pid; at > 0; ) {
    if (own.has(at)) return true;
    const seen = processes.get(at);
    if (seen === undefined || seen.isMarked) return false;
    if (own.has(seen.group) || folders.includes(seen.folder)) return true;
    at = seen.parent;
  }
  return false;
}

/** Whether a socket that listens on an address, as the kernel prints it, accepts connections to a host. */
function takes(address: string, host: string): boolean {
  if (!isIPv4(host) || host === '0.0.0.0' || /^0+$/.test(address)) return true;
  const bytes = host.split('.').map((part) => Number(part).toString(16).padStart(2, '0').toUpperCase());
  // Words of four bytes in host byte order, which is little-endian on GPU machines.
  const word = bytes.toReversed().join('');
  return address === word || address === `0000000000000000FFFF0000${word}`;
}
