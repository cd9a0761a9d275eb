import { lstat, mkdir, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { writeFileAtomically } from '../atomic-file.ts';
import { InputError } from '../errors.ts';
import type { TextFile } from './host.ts';

/** Creates a folder on this machine with files in it. */
export async function writeFilesHere(folder: string, files: readonly TextFile[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const home = await realpath(folder);
  for (const { path, content } of files) {
    await makeFolders(home, inside(path));
    await writeFileAtomically(join(home, inside(path)), content);
  }
}

/** Creates the parent folders of a file; throws InputError if one is a link, which an engine may have created. */
async function makeFolders(home: string, path: string): Promise<void> {
  let folder = home;
  for (const name of dirname(path).split('/')) {
    folder = join(folder, name);
    await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    if ((await lstat(folder)).isDirectory()) continue;
    throw new InputError(
      `a recipe's file '${path}' cannot be written: ${folder} is not a folder`,
      'remove it',
      { code: 'bad-recipe' },
    );
  }
}

/** A path below the working folder; throws InputError if it leads out of it. */
export function inside(path: string): string {
  const normal = normalize(path);
  if (!isAbsolute(path) && normal !== '..' && !normal.startsWith('../')) return normal;
  throw new InputError(`a recipe's file '${path}' lies outside the engine's working folder`, undefined, {
    code: 'bad-recipe',
  });
}
