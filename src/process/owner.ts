import { createHash, randomBytes } from 'node:crypto';
import { readFile, readlink, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { identityOf } from './identity.ts';

/**
 * A process as the name of its lock or its temporary files tells it: in the name, because a crash of the machine can
 * leave a file of no bytes, but no file without its name.
 */
export interface Owner {
  readonly pid: number;
  /** When it started, as a hash; only ever compared for equality. */
  readonly started: string;
  /** Its machine, this boot of it, and the namespace in which `pid` is its number; hashes, too. */
  readonly machine: string;
  readonly boot: string;
  readonly namespace: string;
}

/** An owner touches what it owns this often, for those who cannot see its process. */
const heartbeatMs = 30_000;
/** What an owner that cannot be seen from here has not touched for so long is a dead owner's. */
const deadAfterMs = 5 * 60_000;

const shape = /^(\d+)-([\da-f]{12})-([\da-f]{8})-([\da-f]{8})-([\da-f]{8})-[\da-f]{8}$/;

let here: Promise<Owner> | undefined;

/** A name that says that this process is the owner, another one every time. */
export async function ownedName(): Promise<string> {
  here ??= thisProcess();
  const { pid, started, machine, boot, namespace } = await here;
  return [pid, started, machine, boot, namespace, randomBytes(4).toString('hex')].join('-');
}

/** Whose a name is; undefined for one that `ownedName` did not make. */
export function ownerOf(name: string): Owner | undefined {
  const [, pid, started, machine, boot, namespace] = shape.exec(name) ?? [];
  if (started === undefined || machine === undefined || boot === undefined || namespace === undefined)
    return undefined;
  return { pid: Number(pid), started, machine, boot, namespace };
}

/**
 * Whether an owner lives. A process of another machine, or of another container of this one, cannot be seen: it lives
 * while it touches what it owns.
 * @param untouchedMs For how long it has not, by the clock of the file system.
 */
export async function isOwnerAlive(owner: Owner, untouchedMs: () => Promise<number>): Promise<boolean> {
  here ??= thisProcess();
  const { machine, boot, namespace } = await here;
  if (owner.machine === machine && owner.boot !== boot) return false;
  if (owner.machine !== machine || owner.namespace !== namespace) return (await untouchedMs()) < deadAfterMs;
  const found = await identityOf(owner.pid);
  return found !== undefined && hash(found.startedAt, 12) === owner.started;
}

/** Touches a file or folder until it is told to stop, so that other machines see its owner live. */
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
