import { readdir, readFile, readlink } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import { EngineFailure } from './engine-failure.ts';

/** A socket of this machine on which somebody listens, as the kernel lists it. */
interface Listener {
  readonly inode: string;
  readonly uid: number;
}

/** An address of this machine that an engine listens on. */
interface Listening {
  readonly host: string;
  readonly port: number;
}

/**
 * The sockets that take the connections to a port of this machine, as a text that is another one once they are others;
 * undefined where the kernel does not list them. Throws EngineFailure if one of them is not held by a process of `own`
 * or by what these have started: a server that somebody else started would be measured in the engine's place. What
 * cannot be known, as of a process that hides its files from its own user, counts as the engine's.
 */
export async function listenerOf(
  at: Listening,
  own: () => Promise<ReadonlySet<number>>,
): Promise<string | undefined> {
  const listeners = await listenersAt(at);
  if (listeners === undefined || listeners.length === 0) return undefined;
  const pids = await own();
  for (const holder of await holdersOf(listeners)) {
    if (holder.pid !== undefined && (pids.has(holder.pid) || (await descendsFrom(holder.pid, pids))))
      continue;
    throw new EngineFailure(
      'cannot-start',
      `${holder.name} listens on port ${at.port} of ${at.host} but is not the engine that was started`,
    );
  }
  return listeners
    .map(({ inode }) => inode)
    .toSorted()
    .join(' ');
}

/** Who listens on a port of this machine, in words; undefined where nobody does or nobody can tell. */
export async function holderInWords(at: Listening): Promise<string | undefined> {
  const [holder] = await holdersOf((await listenersAt(at)) ?? []);
  return holder?.name;
}

interface Holder {
  /** Undefined for a process of another user, whose files are hidden. */
  readonly pid: number | undefined;
  readonly name: string;
}

async function holdersOf(listeners: readonly Listener[]): Promise<readonly Holder[]> {
  if (listeners.length === 0) return [];
  const sockets = new Set(listeners.map(({ inode }) => `socket:[${inode}]`));
  const holders: Holder[] = [];
  for (const pid of await numbersIn('/proc')) {
    if (await holds(pid, sockets)) holders.push({ pid, name: `process ${pid} (${await commandOf(pid)})` });
  }
  const uid = process.getuid?.();
  const ofOthers = listeners.find((listener) => uid !== 0 && listener.uid !== uid);
  return ofOthers === undefined
    ? holders
    : [...holders, { pid: undefined, name: `a process of user ${ofOthers.uid}` }];
}

async function listenersAt({ host, port }: Listening): Promise<readonly Listener[] | undefined> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map(async (name) => await readFile(`/proc/net/${name}`, 'latin1').catch(() => undefined)),
  );
  if (tables[0] === undefined) return undefined;
  return tables.flatMap((table = '') =>
    table.split('\n').flatMap((line): Listener[] => {
      const [, local = '', , state, , , , uid, , inode] = line.trim().split(/\s+/);
      const [address = '', at = ''] = local.split(':');
      const listens = state === '0A' && Number.parseInt(at, 16) === port && takes(address, host);
      return listens && inode !== undefined ? [{ inode, uid: Number(uid) }] : [];
    }),
  );
}

/** Whether a socket that listens at an address, in the kernel's spelling, takes connections to a host. */
function takes(address: string, host: string): boolean {
  if (!isIPv4(host) || /^0+$/.test(address)) return true;
  const bytes = host.split('.').map((part) => Number(part).toString(16).padStart(2, '0').toUpperCase());
  // Words of four bytes in the machine's own order, which is little-endian where GPUs are.
  const word = bytes.toReversed().join('');
  return address === word || address === `0000000000000000FFFF0000${word}`;
}

async function numbersIn(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

async function holds(pid: number, sockets: ReadonlySet<string>): Promise<boolean> {
  for (const file of await numbersIn(`/proc/${pid}/fd`)) {
    const target = await readlink(`/proc/${pid}/fd/${file}`).catch(() => '');
    if (sockets.has(target)) return true;
  }
  return false;
}

/** Whether a process was started by one of others, or is in the group that one of them leads. */
async function descendsFrom(pid: number, others: ReadonlySet<number>): Promise<boolean> {
  for (let at = pid; at > 1; ) {
    const stat = await readFile(`/proc/${at}/stat`, 'latin1').catch(() => '');
    const [, parent, group] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    if (parent === undefined || group === undefined) return false;
    if (others.has(parent) || others.has(group)) return true;
    at = parent;
  }
  return false;
}

async function commandOf(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/comm`, 'latin1').catch(() => 'unknown')).trim();
}
