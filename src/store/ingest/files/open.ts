import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { InputError } from '../../../errors.ts';
import { reasonFor } from '../../../schema-words.ts';
import { archiveFiles } from './archive.ts';
import type { FileSet, SourceFile } from './file-set.ts';
import { folderFiles, singleFile } from './folder.ts';

/** The files of a folder, a zip or a single file; zips in a folder are opened, too. Throws InputError. */
export async function openFiles(path: string, mostUnpackedBytes?: number): Promise<FileSet> {
  const found = await stat(path).catch(() => {
    throw new InputError(`no such file or folder ${path}`, undefined, { code: 'file-unreadable' });
  });
  if (!found.isDirectory()) {
    if (!found.isFile())
      throw new InputError([
        { code: 'file-unreadable', file: path, message: 'is neither a file nor a folder' },
      ]);
    return isArchive(path)
      ? await archiveFiles(path, mostUnpackedBytes)
      : await singleFile(path, basename(path));
  }
  return await withArchives(path, await folderFiles(path));
}

/** Artifacts of a CI run are often downloaded as a folder of zips. */
async function withArchives(folder: string, plain: FileSet): Promise<FileSet> {
  const files: SourceFile[] = [];
  const refused = [...plain.refused];
  const opened: FileSet[] = [];
  for (const file of plain.files) {
    if (!isArchive(file.path)) {
      files.push(file);
      continue;
    }
    try {
      const archive = await archiveFiles(join(folder, file.path));
      opened.push(archive);
      files.push(...archive.files.map((one) => ({ ...one, path: `${file.path}/${one.path}` })));
      refused.push(...archive.refused.map((one) => ({ ...one, file: `${file.path}/${one.file}` })));
    } catch (error) {
      refused.push({ file: file.path, reason: reasonFor(error) });
    }
  }
  const close = async () => {
    for (const archive of opened) await archive.close();
  };
  return { files, refused, close };
}

export function isArchive(path: string): boolean {
  return path.toLowerCase().endsWith('.zip');
}
