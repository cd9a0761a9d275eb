import { isIPv4 } from 'node:net';
import type { Runner } from '../hosts/index.ts';
import { EngineFailure } from './engine-failure.ts';
import { type Listener, lookAtPort, type PortLook } from './port-look.ts';

/** An address that an engine listens on. */
interface Listening {
  readonly host: string;
  readonly port: number;
}

/** How the processes of an engine are known. */
export interface OwnProcesses {
  /** In the environment of all that have not changed theirs. */
  readonly token: string;
  /** The working folders that it may have, by which one is known that hides its environment. */
  readonly folders?: readonly string[];
  /** Processes that are known otherwise. */
  readonly pids?: () => Promise<ReadonlySet<number>>;
}

/**
 * The sockets that take the connections to a port, as a text that is another one once they are others; undefined where
 * that cannot be seen, or nobody listens. Throws EngineFailure if one of them is held by no process of the engine and
 * by none that these have started: a server that somebody else started would be measured in its place.
 * @param through Where the processes of the engine are seen: its machine, or its container.
 * @param machine Where others are seen.
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
  // An engine of which nothing is seen, or whose files are hidden, may be what listens.
  if (own.size === 0 || look.someHidden || look.closed.some(isEngine)) return undefined;
  const elsewhere = holderOf(first, look) ?? holderOf(first, await lookAtPort(machine, at.port, known.token));
  throw new EngineFailure(
    'cannot-start',
    `${elsewhere ?? `a process of user ${first.uid}`} listens on port ${at.port} of ${at.host} but is not the engine that was started`,
  );
}

/** Who listens on a port of a machine, in words; undefined where nobody does or nobody can tell. */
export async function holderInWords(at: Listening, machine: Runner): Promise<string | undefined> {
  const look = await lookAtPort(machine, at.port, 'of nobody');
  const listener = look?.listeners.find(({ address }) => takes(address, at.host));
  if (listener === undefined) return undefined;
  return holderOf(listener, look) ?? `a process of user ${listener.uid}`;
}

function holderOf({ inode }: Listener, look: PortLook | undefined): string | undefined {
  const pid = look?.held.find((holder) => holder.inode === inode)?.pid;
  if (pid === undefined) return undefined;
  return `process ${pid} (${look?.processes.get(pid)?.name ?? 'unknown'})`;
}

/** Whether a process is the engine's: by its mark, by its folder if it has none, or because such a one has started it. */
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

/** Whether a socket that listens at an address, in the kernel's spelling, takes connections to a host. */
function takes(address: string, host: string): boolean {
  if (!isIPv4(host) || host === '0.0.0.0' || /^0+$/.test(address)) return true;
  const bytes = host.split('.').map((part) => Number(part).toString(16).padStart(2, '0').toUpperCase());
  // Words of four bytes in the machine's own order, which is little-endian where GPUs are.
  const word = bytes.toReversed().join('');
  return address === word || address === `0000000000000000FFFF0000${word}`;
}
