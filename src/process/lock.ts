import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { identityOf, isAlive, type ProcessIdentity } from './identity.ts';

const owner = z.object({ pid: z.int().positive(), startedAt: z.string() });
const pollMs = 200;

/** Lets go of the lock; the file is gone afterwards. */
export type Release = () => Promise<void>;

/**
 * Takes a lock that dies with its process: a file naming its owner, linked into place in one step, and taken over when
 * the owner is no longer alive. Returns the live owner instead when somebody has it.
 */
export async function tryLock(path: string): Promise<Release | ProcessIdentity> {
  await mkdir(dirname(path), { recursive: true });
  const me = await identityOf(process.pid);
  if (me === undefined) throw new Error('this process has no identity');
  const mine = `${path}.${randomUUID()}`;
  await writeFile(mine, JSON.stringify(me));
  try {
    for (;;) {
      try {
        await link(mine, path);
        return async () => await rm(path, { force: true });
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      }
      const holder = await readOwner(path);
      if (holder !== undefined && (await isAlive(holder))) return holder;
      if (holder !== undefined) await removeStale(path, holder);
    }
  } finally {
    await rm(mine, { force: true });
  }
}

/** Takes the lock, waiting for a live owner to let go; `onWait` is told once for whom. Throws when aborted. */
export async function lock(
  path: string,
  { signal, onWait }: { readonly signal: AbortSignal; readonly onWait: (holder: ProcessIdentity) => void },
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

async function readOwner(path: string): Promise<ProcessIdentity | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : owner.parse(JSON.parse(text));
}

/** Moves a dead owner's lock away; puts it back where it turns out to be a new owner's. */
async function removeStale(path: string, dead: ProcessIdentity): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return; // Somebody else has just moved it.
  }
  const moved = await readOwner(aside);
  if (moved !== undefined && (moved.pid !== dead.pid || moved.startedAt !== dead.startedAt)) {
    await link(aside, path).catch(() => undefined);
  }
  await rm(aside, { force: true });
}
