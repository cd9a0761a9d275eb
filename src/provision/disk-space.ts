import { mkdir, statfs } from 'node:fs/promises';
import { WorkError } from '../errors.ts';

/** Bytes free for this user on the disk of a folder. */
export type FreeBytes = (folder: string) => Promise<number>;

export const freeBytes: FreeBytes = async (folder) => {
  await mkdir(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
};

/** Throws WorkError with the missing amount if the disk of a folder has too little space. */
export async function requireSpace(
  folder: string,
  what: string,
  bytes: number,
  free: FreeBytes = freeBytes,
): Promise<void> {
  const available = await free(folder);
  if (available < bytes) {
    throw new WorkError(
      `not enough disk space for ${what}: it needs ${inWords(bytes)} and ${folder} has ${inWords(available)} free`,
      {
        code: 'model-unavailable',
        hint: 'free some space, or choose a cache on another disk with --cache-dir',
      },
    );
  }
}

/** Formats bytes, for example `98.4 MB`. */
export function inWords(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${power === 0 ? bytes : (bytes / 1000 ** power).toFixed(1)} ${units[power]}`;
}
