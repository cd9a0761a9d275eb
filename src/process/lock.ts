import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { defined } from '../defined/defined.ts';
import { InputError, messageOf } from '../errors.ts';
import { identityOf, isAlive } from './identity.ts';

const holderSchema = z.object({
  pid: z.int().positive(),
  startedAt: z.string(),
  /** The machine it runs on; absent in locks of 0.1. */
  host: z.string().optional(),
  /** What it needs the lock for. */
  purpose: z.string().optional(),
});

/** Who has a lock. */
export type LockHolder = z.infer<typeof holderSchema>;

const pollMs = 200;
/** The owner touches its lock this often, for machines that cannot see its process. */
const heartbeatMs = 30_000;
/** A lock of another machine that was not touched for so long is a dead owner's. */
const deadAfterMs = 5 * 60_000;

/** Lets go of the lock; the file is gone afterwards. */
export type Release = () => Promise<void>;

/**
 * Takes a lock that dies with its process: a file naming its owner, linked into place in one step, and taken over when
 * the owner is no longer alive. On a folder shared by several machines, an owner elsewhere counts as alive while it
 * touches the file. Returns the live owner instead when somebody has it. Throws InputError where it cannot be written.
 */
export async function tryLock(path: string, purpose?: string): Promise<Release | LockHolder> {
  const identity = await identityOf(process.pid);
  if (identity === undefined) throw new Error('this process has no identity');
  const me: LockHolder = { ...identity, host: hostname(), ...defined({ purpose }) };
  const mine = `${path}.${randomUUID()}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(mine, JSON.stringify(me));
  } catch (error) {
    throw new InputError(
      `cannot write to ${dirname(path)}: ${messageOf(error)}`,
      'give write permission or make room there, or name another folder',
    );
  }
  try {
    for (;;) {
      try {
        await link(mine, path);
        return keep(path);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      }
      const holder = await readHolder(path);
      if (holder !== undefined && (await holds(holder, path, mine))) return holder;
      if (holder !== undefined) await removeStale(path, holder);
    }
  } finally {
    await rm(mine, { force: true });
  }
}

/** Takes the lock, waiting for a live owner to let go; `onWait` is told once for whom. Throws when aborted. */
export async function lock(
  path: string,
  { signal, onWait }: { readonly signal: AbortSignal; readonly onWait: (holder: LockHolder) => void },
): Promise<Release> {
  let told = false;
  for (;;) {
    signal.throwIfAborted();
    const got = await tryLock(path);
    if (typeof got === 'function') return got;
    if (!told) onWait(got);
    told = true;
    await delay(pollMs, undefined, { signal });
  }
}

/** Whether a live owner of this machine has the lock; looking takes nothing. */
export async function isLocked(path: string): Promise<boolean> {
  const holder = await readHolder(path);
  return holder !== undefined && (await isAlive(holder));
}

function keep(path: string): Release {
  const heartbeat = setInterval(() => {
    const now = new Date();
    void utimes(path, now, now).catch(() => undefined);
  }, heartbeatMs).unref();
  return async () => {
    clearInterval(heartbeat);
    await rm(path, { force: true });
  };
}

/** Whether an owner still has its lock; `mine` was written just now, so its time is the file server's. */
async function holds(holder: LockHolder, path: string, mine: string): Promise<boolean> {
  if (holder.host === undefined || holder.host === hostname()) return await isAlive(holder);
  const [touched, now] = await Promise.all([stat(path).catch(() => undefined), stat(mine)]);
  return touched !== undefined && now.mtimeMs - touched.mtimeMs < deadAfterMs;
}

async function readHolder(path: string): Promise<LockHolder | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : holderSchema.parse(JSON.parse(text));
}

/** Moves a dead owner's lock away; puts it back where it turns out to be a new owner's. */
async function removeStale(path: string, dead: LockHolder): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return; // Somebody else has just moved it.
  }
  const moved = await readHolder(aside);
  if (moved !== undefined && (moved.pid !== dead.pid || moved.startedAt !== dead.startedAt)) {
    await link(aside, path).catch(() => undefined);
  }
  await rm(aside, { force: true });
}
