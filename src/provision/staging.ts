import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { identityOf } from '../process/identity.ts';

/**
 * Gives `use` an empty folder on the cache's disk, from which whole things are moved into place, and removes it whatever
 * happens. What processes that were killed have left there is removed first.
 */
export async function withStaging<T>(cacheDir: string, use: (folder: string) => Promise<T>): Promise<T> {
  const all = join(cacheDir, 'staging');
  const mine = join(all, `${process.pid}-${randomUUID()}`);
  await mkdir(mine, { recursive: true });
  try {
    for (const name of await readdir(all)) {
      if ((await identityOf(Number.parseInt(name, 10))) === undefined) {
        await rm(join(all, name), { recursive: true, force: true });
      }
    }
    return await use(mine);
  } finally {
    await rm(mine, { recursive: true, force: true });
  }
}
