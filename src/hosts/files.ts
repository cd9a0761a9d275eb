import { mkdir } from 'node:fs/promises';
import { isAbsolute, join, normalize } from 'node:path';
import { writeFileAtomically } from '../atomic-file.ts';
import { InputError } from '../errors.ts';
import type { TextFile } from './host.ts';

/** Makes a folder of this machine with files in it. */
export async function writeFilesHere(folder: string, files: readonly TextFile[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { path, content } of files) await writeFileAtomically(join(folder, inside(path)), content);
}

/** A path below the working folder; throws InputError for one that leads out of it. */
export function inside(path: string): string {
  const normal = normalize(path);
  if (!isAbsolute(path) && normal !== '..' && !normal.startsWith('../')) return normal;
  throw new InputError(`a recipe's file '${path}' lies outside the engine's working folder`);
}
