import { mkdir } from 'node:fs/promises';
import { isAbsolute, join, normalize } from 'node:path';
import { writeFileAtomically } from '../atomic-file.ts';
import { InputError } from '../errors.ts';
import type { LaunchFile } from '../launchers/launcher.ts';

/** Makes the engine's working folder with the files it reads at its start. */
export async function writeLaunchFiles(workDir: string, files: readonly LaunchFile[]): Promise<void> {
  await mkdir(workDir, { recursive: true });
  for (const { path, content } of files) await writeFileAtomically(join(workDir, inside(path)), content);
}

/** A path below the working folder; throws InputError for one that leads out of it. */
export function inside(path: string): string {
  const normal = normalize(path);
  if (!isAbsolute(path) && normal !== '..' && !normal.startsWith('../')) return normal;
  throw new InputError(`a recipe's file '${path}' lies outside the engine's working folder`);
}
