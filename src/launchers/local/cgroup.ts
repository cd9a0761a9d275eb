import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { basename, join, normalize } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const removeMs = 5_000;
const pollMs = 50;

const nameFor = (token: string): string => `inferencemax-${token}`;

/**
 * The cgroup (version 2) folder for an engine, below this process's cgroup; undefined if the system does not support
 * it. A cgroup contains every process that an engine starts, even one that leaves its process group and clears its
 * environment.
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
 * Whether a folder named in a record can be the cgroup of an engine with this token. Everything in the cgroup gets
 * killed, so a foreign cgroup, or a folder that only looks like one, must not match.
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
 * Creates a cgroup for an engine that is about to start. Returns false if the user may not create one, or if the kernel
 * (before 5.14) cannot kill a whole cgroup; the engine is then identified by its process group and token.
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
 * Moves a just-started process into its cgroup, together with any children that it already has (on a busy machine it
 * may have some). Everything it starts later is inside.
 */
export function enterCgroup(folder: string, pid: number): void {
  try {
    writeFileSync(join(folder, 'cgroup.procs'), String(pid));
    for (const child of childrenOf(pid)) enterCgroup(folder, child);
  } catch {
    // It has already ended, or may not be moved; its process group and token still identify it.
  }
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

/** The processes in a cgroup; empty if the cgroup is gone. */
export async function cgroupPids(folder: string): Promise<number[]> {
  const list = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '');
  return list.split('\n').filter(Boolean).map(Number);
}

/** Sends SIGKILL to every process in a cgroup. */
export async function killCgroup(folder: string): Promise<void> {
  await writeFile(join(folder, 'cgroup.kill'), '1').catch(() => undefined);
}

/** Removes an empty cgroup. Leaving one behind does no harm. */
export async function removeCgroup(folder: string): Promise<void> {
  for (const start = performance.now(); performance.now() - start < removeMs; await delay(pollMs)) {
    const removed = await rmdir(folder).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code !== 'EBUSY',
    );
    if (removed) return;
  }
}
