import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { messageOf, WorkError } from './errors.ts';

/**
 * Writes a file atomically: a reader, or a crash at any moment, sees the old or the new content, never a part of it.
 * Writes a temporary file next to it, then fsync, rename, and fsync of the folder. Creates the folder. Throws WorkError
 * with the path.
 */
export async function writeFileAtomically(path: string, content: string | Uint8Array): Promise<void> {
  await naming(path, async () => await replace(path, content));
}

/**
 * Like `writeFileAtomically` for content that does not fit into memory: `write` fills the temporary file whose path it
 * is given.
 */
export async function fillFileAtomically(
  path: string,
  write: (temporary: string) => Promise<void>,
): Promise<void> {
  await naming(path, async () => await replaceBy(path, write));
}

/**
 * Appends a line to a file in a single write, so that lines of several processes do not mix. If the last line has no
 * line break, adds one first. Throws WorkError with the path.
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
 * Checks that `writeFileAtomically` will work, before work whose result must be written. Throws its WorkError
 * otherwise. Creates the folder, and does not change the file.
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

/**
 * Removes the temporary files that killed processes left in a folder; no other process may be writing to the folder.
 */
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
      code: 'file-unwritable',
      hint: 'free some space or grant write permission, then run the command again',
    });
  }
}

/** Whether a name is that of a temporary file of `writeFileAtomically`. */
export function isUnfinished(name: string): boolean {
  return unfinished.test(name);
}

const unfinished = /^\..+\.[\da-f]{8}-[\da-f-]{27}\.tmp$/;

/** A temporary file name in the same folder, which is created. */
async function temporaryBeside(path: string): Promise<string> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  return join(folder, `.${basename(path)}.${randomUUID()}.tmp`);
}

async function replace(path: string, content: string | Uint8Array): Promise<void> {
  await replaceBy(path, async (temporary) => {
    await withHandle(temporary, 'wx', async (handle) => {
      await handle.writeFile(content);
    });
  });
}

async function replaceBy(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = await temporaryBeside(path);
  try {
    await write(temporary);
    await withHandle(temporary, 'r+', (handle) => handle.sync());
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
