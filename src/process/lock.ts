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

/** The owner of a lock. */
export interface LockHolder {
  readonly pid: number;
  /** The machine it runs on, if known. */
  readonly host?: string;
  /** What it needs the lock for. */
  readonly purpose?: string;
}

/** The content of an owner's file; informational only. */
const contentSchema = z.object({ host: z.string().optional(), purpose: z.string().optional() });

/** A lock of a version before 0.2: a single file that contains everything. */
const olderSchema = contentSchema.extend({ pid: z.int().positive(), startedAt: z.string() });

const pollMs = 200;
/** Pause before retrying a lock that was just being released. */
const retryMs = 5;

/** Suffix of a folder that is about to be renamed to the lock. */
const suffix = '.taking';

/** Stands for the lock itself in the list of names if it is the single file of an older version. */
const olderFile = '';

/** Releases the lock and removes its files. */
export type Release = () => Promise<void>;

/**
 * Takes a lock that ends with its process, on any local or shared file system with atomic renames. If a live process
 * owns the lock, returns that owner instead. Removes anything else in its place, such as leftovers of a crash. Throws
 * InputError if the folder is not writable.
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
      { code: 'file-unwritable' },
    );
  } finally {
    // If a file is in the place of the parent folder, there is nothing to remove.
    await ignoring(['ENOTDIR'], rm(taking, { recursive: true, force: true }));
  }
}

/**
 * Takes the lock and waits for a live owner to release it; `onWait` is called once with the owner. Throws if aborted.
 */
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

/** Whether a live process owns the lock; does not take it. */
export async function isLocked(path: string): Promise<boolean> {
  const files = new LockFiles(path);
  const alive = await Promise.all((await files.names()).map((owner) => files.isAlive(owner)));
  return alive.includes(true);
}

/** Performs the steps of a protocol in order. */
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

  /** @param mine The prepared folder and its owner's name; undefined for callers that only look. */
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
      // NFS keeps a removed file under such a name until its last reader closes it.
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
    if (this.#mine === undefined) throw new Error(`nothing was prepared to take the lock ${this.#path}`);
    if (this.#tries++ > 1) await delay(retryMs);
    try {
      await rename(this.#mine.taking, this.#path);
      return true;
    } catch (error) {
      // If the response of a file server was lost, the rename is retried and then finds nothing to rename.
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
        { code: 'file-unwritable' },
      );
    }
  }

  /** Uses the clock of the file system, from the time of the folder that was just created. */
  async #untouchedMs(owner: string): Promise<number> {
    const touchedMs = await changedAtMs(join(this.#path, owner));
    const nowMs = this.#mine === undefined ? undefined : await changedAtMs(this.#mine.taking);
    return touchedMs === undefined ? Number.POSITIVE_INFINITY : (nowMs ?? Date.now()) - touchedMs;
  }
}

/** The error codes of file systems for a non-empty folder. */
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
  if (pid === undefined) throw new Error(`${owner} does not name an owner of ${path}`);
  const { host, purpose } = contentSchema.safeParse(content).data ?? {};
  return { pid, ...defined({ host, purpose }) };
}
