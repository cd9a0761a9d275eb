import { type FileHandle, realpath } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { openFile } from '../../bounded-read.ts';
import type { ServedBy } from '../../store/index.ts';
import { publicText } from '../privacy.ts';

const longestTail = 16 * 1024;

/** The last lines of an engine's log, without host paths and secrets; null if the log is not on this host. */
export async function logTail(
  { log, location }: Pick<ServedBy, 'log' | 'location'>,
  tailBytes = longestTail,
): Promise<string | null> {
  if (log === null || location === null) return null;
  const handle = await openBelow(location, log).catch(() => undefined);
  if (handle === undefined) return null;
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - tailBytes);
    const { buffer, bytesRead } = await handle.read({
      buffer: Buffer.alloc(size - from),
      position: from,
    });
    const text = buffer.toString('utf8', 0, bytesRead);
    // The first line of a tail is usually incomplete.
    return publicText(from === 0 ? text : text.slice(text.indexOf('\n') + 1));
  } finally {
    await handle.close();
  }
}

/**
 * Opens a file of a run directory. The file name was ingested and the engine could write into the folder, so
 * neither the name nor a link may lead out of the directory. Throws if one does, and if the file is not a
 * regular file.
 */
async function openBelow(location: string, name: string): Promise<FileHandle> {
  const folder = await realpath(location);
  const path = resolve(folder, name);
  if (!path.startsWith(folder + sep) || (await realpath(dirname(path))) !== dirname(path))
    throw new Error('it points outside the run directory');
  return await openFile(path, { followLinks: false });
}
