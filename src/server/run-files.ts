import { type FileHandle, realpath } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { openFile } from '../bounded-read.ts';

/**
 * Opens a file of a run directory. The file name was ingested and the engine could write into the folder, so
 * neither the name nor a link may lead out of the directory. Throws if one does, and if the file is not a
 * regular file.
 */
export async function openBelow(location: string, name: string): Promise<FileHandle> {
  const folder = await realpath(location);
  const path = resolve(folder, name);
  if (!path.startsWith(folder + sep) || (await realpath(dirname(path))) !== dirname(path))
    throw new Error('it points outside the run directory');
  return await openFile(path, { followLinks: false });
}
