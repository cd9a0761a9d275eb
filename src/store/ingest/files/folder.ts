import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { bytesOfFile } from '../../../bounded-read.ts';
import type { FileSet, SourceFile } from './file-set.ts';

/** Only JSON lines may be larger than `longestFile`. */
const longestLines = 2 * 1024 ** 3 - 1;

/** Every file in a folder and below; symbolic links are not followed. */
export async function folderFiles(folder: string): Promise<FileSet> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: SourceFile[] = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.push(await fileOf(path, relative(folder, path).split(sep).join('/')));
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files, refused: [], close: async () => {} };
}

/** A set of one file. */
export async function singleFile(path: string, name: string): Promise<FileSet> {
  return { files: [await fileOf(path, name)], refused: [], close: async () => {} };
}

async function fileOf(path: string, name: string): Promise<SourceFile> {
  const { size, mtimeMs } = await stat(path);
  return {
    path: name,
    bytes: size,
    modifiedAt: Math.round(mtimeMs),
    read: () => bytesOfFile(path, longestLines),
  };
}
