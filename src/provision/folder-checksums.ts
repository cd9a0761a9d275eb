import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256OfFile } from '../file-digest.ts';
import { folderDigest, type ModelFolder } from './model-folder.ts';
import type { ProvisionContext } from './provision.ts';

/** Checksums of unchanged files by path, size and time, because sessions of a sweep share their weights. */
const known = new Map<string, string>();

/** Identifies the weights in a folder. */
export interface FolderChecksums {
  readonly sha256: string;
  readonly contentSha256?: string;
}

/** The digest of a folder and, on request, a checksum over all of its bytes. */
export async function folderChecksums(
  reference: string,
  folder: ModelFolder,
  context: ProvisionContext,
): Promise<FolderChecksums> {
  const sha256 = await folderDigest(folder);
  return context.hashWeights === true
    ? { sha256, contentSha256: await contentDigest(reference, folder, context) }
    : { sha256 };
}

/**
 * A checksum over all file names and bytes in a folder: SHA-256 of the output of `sha256sum *` there, sorted by name as
 * bytes.
 */
async function contentDigest(
  reference: string,
  { path, files }: ModelFolder,
  { signal, onProgress }: ProvisionContext,
): Promise<string> {
  const all = createHash('sha256');
  const bytesTotal = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let bytesDone = 0;
  for (const { name } of files) {
    onProgress({ reference, phase: `taking the checksum of ${name}`, bytesDone, bytesTotal });
    const file = join(path, name);
    const { size, mtimeMs } = await stat(file);
    const key = `${size} ${mtimeMs} ${file}`;
    const sha256 = known.get(key) ?? (await sha256OfFile(file, signal));
    known.set(key, sha256);
    bytesDone += size;
    all.update(`${sha256}  ${name}\n`);
  }
  return all.digest('hex');
}
