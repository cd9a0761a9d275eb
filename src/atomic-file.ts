import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { messageOf, WorkError } from './errors.ts';

/**
 * Writes a whole file so that a reader, or a crash at any moment, sees the old content or the new, never a part:
 * temporary file beside it, fsync, rename, fsync of the folder. Creates the folder. Throws WorkError, with the path.
 */
export async function writeFileAtomically(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await replace(path, content);
  } catch (error) {
    throw new WorkError(`cannot write ${path}: ${messageOf(error)}`, {
      cause: error,
      hint: 'make room or give write permission, then run the command again: nothing that was finished is lost',
    });
  }
}

async function replace(path: string, content: string | Uint8Array): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    await withHandle(temporary, 'wx', async (handle) => {
      await handle.writeFile(content);
      await handle.sync();
    });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await withHandle(folder, 'r', (handle) => handle.sync());
}

async function withHandle(
  path: string,
  flags: string,
  use: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const handle = await open(path, flags);
  try {
    await use(handle);
  } finally {
    await handle.close();
  }
}
