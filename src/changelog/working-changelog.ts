import { readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { textOfNamed } from '../named-file.ts';
import { type ChangeFile, folderOf, hasEntries, inOrderOfMerge } from './folder.ts';
import { pathInRepository, pathsByAddition } from './git.ts';

/**
 * A changelog as it is on the disk: the file, and after it the files of its folder, in the order in which they were
 * merged if it is in a repository, else by name.
 */
export async function workingChangelog(file: string): Promise<ChangeFile[]> {
  const folder = folderOf(file);
  const names = (await readdir(folder).catch((): string[] => [])).filter(hasEntries);
  const merged = names.length === 0 ? [] : await mergedNames(folder).catch((): string[] => []);
  const ordered = inOrderOfMerge(
    names.map((name) => ({ file: name })),
    merged,
  );
  const paths = [file, ...ordered.map(({ file: name }) => `${folder}/${name}`)];
  return await Promise.all(paths.map(async (path) => ({ file: path, text: await textOfNamed(path) })));
}

async function mergedNames(folder: string): Promise<string[]> {
  const repository = dirname(folder);
  const path = await pathInRepository(repository, folder);
  return (await pathsByAddition(repository, 'HEAD', path)).map((one) => basename(one));
}
