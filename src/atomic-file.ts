import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { messageOf, WorkError } from './errors.ts';

/**
 * Writes a whole file so that a reader, or a crash at any moment, sees the old content or the new, never a part:
 * temporary file beside it, fsync, rename, fsync of the folder. Creates the folder. Throws WorkError, with the path.
 */
export async function writeFileAtomically(path: string, content: string | Uint8Array): Promise<void> {
  await naming(path, async () => await replace(path, content));
}

/**
 * Adds a line to a file, in one write: lines of several processes do not mix. A last line that was not ended, as of a
 * program that does not end its lines, is ended first. Throws WorkError, with the path.
 */
export async function appendLine(path: string, line: string): Promise<void> {
  await naming(path, async () => {
    await mkdir(dirname(path), { recursive: true });
    await withHandle(path, 'a+', async (handle) => {
      const { size } = await handle.stat();
      const { buffer } = await handle.read({ buffer: Buffer.alloc(1), position: Math.max(0, size - 1) });
      const isEnded = size === 0 || buffer[0] === 0x0a;
      await handle.appendFile(`${isEnded ? '' : '\n'}${line}\n`);
      await handle.sync();
    });
  });
}

/**
 * Throws the WorkError of `writeFileAtomically` now, before work whose result it is to keep. Creates the folder, and
 * leaves the file as it is.
 */
export async function checkWritable(path: string): Promise<void> {
  await naming(path, async () => {
    const existing = await stat(path).catch(() => undefined);
    if (existing?.isDirectory()) throw new Error('it is a folder');
    const temporary = await temporaryBeside(path);
    try {
      await withHandle(temporary, 'wx', async () => {});
    } finally {
      await rm(temporary, { force: true });
    }
  });
}

/** Removes, below a folder that nobody else writes into, what processes that were killed had not finished writing. */
export async function removeUnfinished(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !entry.name.startsWith('.')) await removeUnfinished(path);
    if (entry.isFile() && isUnfinished(entry.name)) await rm(path, { force: true });
  }
}

async function naming(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    throw new WorkError(`cannot write ${path}: ${messageOf(error)}`, {
      cause: error,
      hint: 'free some space or grant write permission, then run the command again',
    });
  }
}

/** Whether a name is that of a file that is being written, or was when its process was killed. */
export function isUnfinished(name: string): boolean {
  return unfinished.test(name);
}

const unfinished = /^\..+\.[\da-f]{8}-[\da-f-]{27}\.tmp$/;

/** A name for a new file in the same folder, which is created. */
async function temporaryBeside(path: string): Promise<string> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  return join(folder, `.${basename(path)}.${randomUUID()}.tmp`);
}

async function replace(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = await temporaryBeside(path);
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
  await withHandle(dirname(path), 'r', (handle) => handle.sync());
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
