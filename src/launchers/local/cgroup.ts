import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { basename, join, normalize } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const removeMs = 5_000;
const pollMs = 50;

/** The name of the cgroup of an engine. */
const nameFor = (token: string): string => `inferencemax-${token}`;

/**
 * Where a cgroup of version 2 of an engine would be, below this process's own; undefined where the system has none. A
 * cgroup holds whatever an engine starts, also what leaves its process group and forgets its environment.
 */
export async function cgroupFolder(token: string): Promise<string | undefined> {
  const [mounts, own] = await Promise.all(
    ['mountinfo', 'cgroup'].map(async (file) => await readFile(`/proc/self/${file}`, 'utf8').catch(() => '')),
  );
  const mount = mountIn(mounts);
  const path = own
    ?.split('\n')
    .find((line) => line.startsWith('0::'))
    ?.slice('0::'.length);
  return mount === undefined || path === undefined ? undefined : join(mount, path, nameFor(token));
}

/**
 * Whether a folder that a record names is a cgroup that an engine of that token may have: everything in it is ended, so a
 * cgroup of somebody else, or a folder that only looks like one, is not taken for it.
 */
export async function isCgroupOf(folder: string, token: string): Promise<boolean> {
  const mount = mountIn(await readFile('/proc/self/mountinfo', 'utf8').catch(() => ''));
  if (mount === undefined || folder !== normalize(folder) || token.includes('/')) return false;
  return folder.startsWith(`${mount}/`) && basename(folder) === nameFor(token);
}

function mountIn(mounts: string | undefined): string | undefined {
  return mounts
    ?.split('\n')
    .find((line) => line.includes(' - cgroup2 '))
    ?.split(' ')[4];
}

/**
 * Makes a cgroup for an engine that is about to be started. Returns whether there is one: there is none where this user
 * may not make it, or where the kernel (before 5.14) cannot end it as a whole; the engine is then known by its process
 * group and its token.
 */
export async function makeCgroup(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    if (existsSync(join(folder, 'cgroup.kill'))) return true;
    await rmdir(folder);
    return false;
  } catch {
    return false;
  }
}

/**
 * Moves a process that was started this moment into its cgroup, and what it has started before: on a busy machine that
 * can be its first children. What it starts from then on is inside.
 */
export function enterCgroup(folder: string, pid: number): void {
  try {
    writeFileSync(join(folder, 'cgroup.procs'), String(pid));
    for (const child of childrenOf(pid)) enterCgroup(folder, child);
  } catch {
    // It has ended already, or may not be moved: it is known by its process group and its token.
  }
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

/** The processes inside; none where the cgroup is gone. */
export async function cgroupPids(folder: string): Promise<number[]> {
  const list = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '');
  return list.split('\n').filter(Boolean).map(Number);
}

/** Ends whatever is inside, with SIGKILL. */
export async function killCgroup(folder: string): Promise<void> {
  await writeFile(join(folder, 'cgroup.kill'), '1').catch(() => undefined);
}

/** Removes an empty cgroup; one that stays costs nothing. */
export async function removeCgroup(folder: string): Promise<void> {
  for (const start = performance.now(); performance.now() - start < removeMs; await delay(pollMs)) {
    const removed = await rmdir(folder).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code !== 'EBUSY',
    );
    if (removed) return;
  }
}
