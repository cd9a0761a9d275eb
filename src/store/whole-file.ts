import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { withTemporary } from '../process/temporary.ts';
import { checkSqlite } from './sqlite.ts';

/**
 * Creates a database under a temporary name and moves it to its place when it is complete, in one file, and
 * on disk. If creating it fails or the process dies, the place is unchanged.
 */
export async function placeWhole(path: string, make: (temporary: string) => Promise<void>): Promise<void> {
  await withTemporary(path, async (temporary) => {
    await make(temporary);
    await checkSqlite(temporary);
    await synced(temporary, 'r+');
    // They would be applied as changes to the new file.
    for (const suffix of ['-wal', '-shm']) await rm(`${path}${suffix}`, { force: true });
    await rename(temporary, path);
    await synced(dirname(path), 'r');
  });
}

async function synced(path: string, flags: string): Promise<void> {
  const handle = await open(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
