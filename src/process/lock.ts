import { mkdir, readdir, readFile, rename, rm, rmdir, stat, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { defined } from '../defined/defined.ts';
import { InputError, messageOf } from '../errors.ts';
import { isAlive } from './identity.ts';
import { type LockAnswer, type LockStep, release, take } from './lock-protocol.ts';
import { isOwnerAlive, keepTouching, ownedName, ownerOf } from './owner.ts';
import { removeLeftByDead } from './temporary.ts';

/** Who has a lock. */
export interface LockHolder {
  readonly pid: number;
  /** The machine it runs on, where that is known. */
  readonly host?: string;
  /** What it needs the lock for. */
  readonly purpose?: string;
}

/** What an owner's file says beside its name; nothing depends on it. */
const contentSchema = z.object({ host: z.string().optional(), purpose: z.string().optional() });

/** A lock of a version before 0.2: one file, with everything in it. */
const olderSchema = contentSchema.extend({ pid: z.int().positive(), startedAt: z.string() });

const pollMs = 200;
/** Between two tries of a lock that somebody else was just giving back. */
const retryMs = 5;

/** Of what is made to be put in the place of a lock. */
const suffix = '.taking';

/** Stands for the lock itself among the names in it, where it is the one file of an older version. */
const olderFile = '';

/** Lets go of the lock; nothing is left of it afterwards. */
export type Release = () => Promise<void>;

/**
 * Takes a lock that dies with its process, on any file system whose renames are atomic, of this machine or a shared
 * one. Returns the live owner instead if somebody has it. What is in its place and no lock of a live owner, whatever a
 * crash or anybody left there, is removed. Throws InputError if it cannot be written.
 */
export async function tryLock(path: string, purpose?: string): Promise<Release | LockHolder> {
  const me = await ownedName();
  const taking = `${path}.${me}${suffix}`;
  try {
    await mkdir(taking, { recursive: true });
    await writeFile(join(taking, me), JSON.stringify({ host: hostname(), ...defined({ purpose }) }));
    const files = new LockFiles(path, { taking, me });
    const owner = await perform(take(), files);
    if (owner !== undefined) return await holderOf(path, owner);
    await removeLeftByDead(dirname(path), (name) => {
      const [before, owner = ''] = name.split(/\.(?=[^.]*\.taking$)/);
      return before === basename(path) ? owner.slice(0, -suffix.length) : undefined;
    });
    const stop = keepTouching(join(path, me));
    return async () => {
      stop();
      await perform(release(me), files);
    };
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(
      `cannot write to ${dirname(path)}: ${messageOf(error)}`,
      'grant write permission or free some space there, or choose another folder',
    );
  } finally {
    // Below a file in place of its folder there is nothing to remove.
    await ignoring(['ENOTDIR'], rm(taking, { recursive: true, force: true }));
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

/** Whether a live owner has the lock; looking takes nothing. */
export async function isLocked(path: string): Promise<boolean> {
  const files = new LockFiles(path);
  const alive = await Promise.all((await files.names()).map((owner) => files.isAlive(owner)));
  return alive.includes(true);
}

/** Takes the steps of a protocol, one after the other. */
async function perform<T>(steps: Generator<LockStep, T, LockAnswer>, files: LockFiles): Promise<T> {
  let next = steps.next();
  while (next.done !== true) next = steps.next(await files.answer(next.value));
  return next.value;
}

/** The files of a lock. */
class LockFiles {
  readonly #path: string;
  readonly #mine: { readonly taking: string; readonly me: string } | undefined;
  #tries = 0;

  /** @param mine What is put in the lock's place and whose it is; absent for those who only look. */
  constructor(path: string, mine?: { readonly taking: string; readonly me: string }) {
    this.#path = path;
    this.#mine = mine;
  }

  async answer(step: LockStep): Promise<LockAnswer> {
    switch (step.kind) {
      case 'place':
        return { kind: (await this.#place()) ? 'done' : 'occupied' };
      case 'list':
        return { kind: 'names', names: await this.names() };
      case 'is-alive':
        return { kind: (await this.isAlive(step.owner)) ? 'alive' : 'dead' };
      case 'remove':
        await this.#remove(step.owner);
        return { kind: 'done' };
      case 'clear':
        await ignoring(['ENOENT', ...occupied], rmdir(this.#path));
        return { kind: 'done' };
    }
  }

  async names(): Promise<string[]> {
    try {
      // NFS keeps a removed file under such a name until its last reader has closed it.
      return (await readdir(this.#path)).filter((name) => !name.startsWith('.nfs'));
    } catch (error) {
      const code = codeOf(error);
      if (code === 'ENOTDIR') return [olderFile];
      if (code === 'ENOENT') return [];
      throw error;
    }
  }

  async isAlive(owner: string): Promise<boolean> {
    if (owner === olderFile) {
      const older = olderSchema.safeParse(await this.content(owner)).data;
      return older !== undefined && (await isAlive(older));
    }
    const known = ownerOf(owner);
    return known !== undefined && (await isOwnerAlive(known, async () => await this.#untouchedMs(owner)));
  }

  async content(owner: string): Promise<unknown> {
    try {
      return JSON.parse(await readFile(join(this.#path, owner), 'utf8'));
    } catch {
      return undefined;
    }
  }

  async #place(): Promise<boolean> {
    if (this.#mine === undefined) throw new Error(`there is nothing to put in the place of ${this.#path}`);
    if (this.#tries++ > 1) await delay(retryMs);
    try {
      await rename(this.#mine.taking, this.#path);
      return true;
    } catch (error) {
      // An answer of a file server that was lost is asked for again, and is then that there is nothing to rename.
      if ((await this.names()).includes(this.#mine.me)) return true;
      if ([...occupied, 'ENOTDIR'].includes(codeOf(error))) return false;
      throw error;
    }
  }

  async #remove(owner: string): Promise<void> {
    try {
      await ignoring(['ENOENT'], unlink(join(this.#path, owner)));
    } catch (error) {
      throw new InputError(
        `${this.#path} blocks a lock: ${messageOf(error)}`,
        'remove it if no InferenceMAX process uses it',
      );
    }
  }

  /** By the clock of the file system: the folder that was just made has its time. */
  async #untouchedMs(owner: string): Promise<number> {
    const touchedMs = await changedAtMs(join(this.#path, owner));
    const nowMs = this.#mine === undefined ? undefined : await changedAtMs(this.#mine.taking);
    return touchedMs === undefined ? Number.POSITIVE_INFINITY : (nowMs ?? Date.now()) - touchedMs;
  }
}

/** What a file system answers about a folder that is not empty. */
const occupied = ['ENOTEMPTY', 'EEXIST'];

async function changedAtMs(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.mtimeMs;
}

async function ignoring(codes: readonly string[], work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!codes.includes(codeOf(error))) throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

async function holderOf(path: string, owner: string): Promise<LockHolder> {
  const content = await new LockFiles(path).content(owner);
  const older = olderSchema.safeParse(content).data;
  const pid = ownerOf(owner)?.pid ?? older?.pid;
  if (pid === undefined) throw new Error(`${owner} is no owner of ${path}`);
  const { host, purpose } = contentSchema.safeParse(content).data ?? {};
  return { pid, ...defined({ host, purpose }) };
}
