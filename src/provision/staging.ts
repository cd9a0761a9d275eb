import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { keepTouching, ownedName, ownerOf } from '../process/owner.ts';
import { removeLeftByDead, untouchedMs } from '../process/temporary.ts';

/** Versions before 0.2 did not record the machine: such folders are removed if they were not touched for a day. */
const olderIsLeftAfterMs = 24 * 3_600_000;

/**
 * Gives `use` an empty folder on the cache's disk, from which complete results are moved into place, and always removes
 * it afterwards. Leftovers of killed processes are removed first; machines that share the cache do not touch each
 * other's folders.
 */
export async function withStaging<T>(cacheDir: string, use: (folder: string) => Promise<T>): Promise<T> {
  const all = join(cacheDir, 'staging');
  const mine = join(all, await ownedName());
  await mkdir(mine, { recursive: true });
  const stop = keepTouching(mine);
  try {
    await removeLeftByDead(all, (name) => name);
    await removeOlder(all);
    return await use(mine);
  } finally {
    stop();
    await rm(mine, { recursive: true, force: true });
  }
}

async function removeOlder(all: string): Promise<void> {
  for (const name of await readdir(all)) {
    const left = join(all, name);
    if (ownerOf(name) === undefined && (await untouchedMs(left)) > olderIsLeftAfterMs)
      await rm(left, { recursive: true, force: true });
  }
}
