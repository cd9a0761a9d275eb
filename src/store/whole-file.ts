import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { withTemporary } from '../process/temporary.ts';
import { checkSqlite } from './sqlite.ts';

/**
 * Makes a database beside its place and puts it there when it is whole, in one file, and on the disk. If it cannot be
 * made, or the process dies, the place is as it was.
 */
export async function placeWhole(path: string, make: (temporary: string) => Promise<void>): Promise<void> {
  await withTemporary(path, async (temporary) => {
    await make(temporary);
    await checkSqlite(temporary);
    await synced(temporary, 'r+');
    // They would be read as changes of the new file.
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
