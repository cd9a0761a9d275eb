import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { keepTouching, ownedName, ownerOf } from '../process/owner.ts';
import { removeLeftByDead, untouchedMs } from '../process/temporary.ts';

/** What a version before 0.2 made says nothing of its machine: a day untouched, it is nobody's any more. */
const olderIsLeftAfterMs = 24 * 3_600_000;

/**
 * Gives `use` an empty folder on the cache's disk, from which whole things are moved into place, and removes it whatever
 * happens. What processes that were killed have left there is removed first; machines that share the cache leave each
 * other's alone.
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
