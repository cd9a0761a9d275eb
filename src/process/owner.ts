import { createHash, randomBytes } from 'node:crypto';
import { readFile, readlink, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { identityOf } from './identity.ts';

/**
 * A process as encoded in the name of its lock or temporary files. The name is used because a machine crash can leave
 * an empty file, but no file without its name.
 */
export interface Owner {
  readonly pid: number;
  /** Start time, as a hash; only compared for equality. */
  readonly started: string;
  /** Hashes of its machine, the current boot, and the PID namespace. */
  readonly machine: string;
  readonly boot: string;
  readonly namespace: string;
}

/** How often an owner touches its files, for processes that cannot see it. */
const heartbeatMs = 30_000;
/** An owner that is not visible from here counts as dead if it has not touched its files for this long. */
const deadAfterMs = 5 * 60_000;

const shape = /^(\d+)-([\da-f]{12})-([\da-f]{8})-([\da-f]{8})-([\da-f]{8})-[\da-f]{8}$/;

let here: Promise<Owner> | undefined;

/** A new unique name that identifies this process as the owner. */
export async function ownedName(): Promise<string> {
  here ??= thisProcess();
  const { pid, started, machine, boot, namespace } = await here;
  return [pid, started, machine, boot, namespace, randomBytes(4).toString('hex')].join('-');
}

/** The owner in a name; undefined if `ownedName` did not create the name. */
export function ownerOf(name: string): Owner | undefined {
  const [, pid, started, machine, boot, namespace] = shape.exec(name) ?? [];
  if (started === undefined || machine === undefined || boot === undefined || namespace === undefined)
    return undefined;
  return { pid: Number(pid), started, machine, boot, namespace };
}

/**
 * Whether an owner is alive. A process on another machine, or in another container on this one, is not visible: it
 * counts as alive while it touches its files.
 * @param untouchedMs Milliseconds since it last did, by the clock of the file system.
 */
export async function isOwnerAlive(owner: Owner, untouchedMs: () => Promise<number>): Promise<boolean> {
  here ??= thisProcess();
  const { machine, boot, namespace } = await here;
  if (owner.machine === machine && owner.boot !== boot) return false;
  if (owner.machine !== machine || owner.namespace !== namespace) return (await untouchedMs()) < deadAfterMs;
  const found = await identityOf(owner.pid);
  return found !== undefined && hash(found.startedAt, 12) === owner.started;
}

/**
 * Touches a file or folder until the returned function is called, so that other machines see that its owner is alive.
 */
export function keepTouching(path: string): () => void {
  const heartbeat = setInterval(() => {
    const now = new Date();
    void utimes(path, now, now).catch(() => undefined);
  }, heartbeatMs).unref();
  return () => clearInterval(heartbeat);
}

async function thisProcess(): Promise<Owner> {
  const identity = await identityOf(process.pid);
  if (identity === undefined) throw new Error('this process has no identity');
  const [machineId, boot, namespace] = await Promise.all([
    readFile('/etc/machine-id', 'latin1').catch(() => ''),
    readFile('/proc/sys/kernel/random/boot_id', 'latin1').catch(() => ''),
    readlink('/proc/self/ns/pid').catch(() => ''),
  ]);
  return {
    pid: identity.pid,
    started: hash(identity.startedAt, 12),
    machine: hash(`${hostname()} ${machineId}`, 8),
    boot: hash(boot, 8),
    namespace: hash(namespace, 8),
  };
}

function hash(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}
