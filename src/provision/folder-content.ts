import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelFolder } from './model-folder.ts';
import type { ProvisionContext } from './provision.ts';
import { sha256Of } from './weights-cache.ts';

/** Checksums of files that have not changed since, by path, size and time: sessions of a sweep share their weights. */
const known = new Map<string, string>();

/**
 * A checksum over the names of all files of a folder and every byte of them: SHA-256 of the lines that `sha256sum *` prints
 * there, in the order of the names as bytes.
 */
export async function contentDigest(
  reference: string,
  { path, files }: ModelFolder,
  { signal, onProgress }: Pick<ProvisionContext, 'signal' | 'onProgress'>,
): Promise<string> {
  const all = createHash('sha256');
  const bytesTotal = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let bytesDone = 0;
  for (const { name } of files) {
    onProgress({ reference, phase: `taking the checksum of ${name}`, bytesDone, bytesTotal });
    const file = join(path, name);
    const { size, mtimeMs } = await stat(file);
    const key = `${size} ${mtimeMs} ${file}`;
    const sha256 = known.get(key) ?? (await sha256Of(file, signal));
    known.set(key, sha256);
    bytesDone += size;
    all.update(`${sha256}  ${name}\n`);
  }
  return all.digest('hex');
}
