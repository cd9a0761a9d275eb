import { buffer } from 'node:stream/consumers';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { shownBytes } from '../../../bounded-read.ts';
import { InputError, messageOf } from '../../../errors.ts';
import { type FileSet, longestFile, type SourceFile } from './file-set.ts';

/** Limits on the total unpacked size and the number of files of an archive. */
const limits = { totalBytes: 8 * 1024 ** 3, files: 1_000_000 };
/** JSON is rarely compressed to less than a thirtieth; a much higher ratio indicates a zip bomb. */
const mostPacked = { ratio: 500, fromBytes: 16 * 1024 * 1024 };

/**
 * Reads the files of a zip without unpacking it to disk. An entry with a path outside the archive, or that
 * unpacks to more than any result, is rejected and never read. Throws InputError if the file is not a zip.
 */
export async function archiveFiles(
  path: string,
  mostUnpackedBytes: number = limits.totalBytes,
): Promise<FileSet> {
  const archive = await openPromise(path, { autoClose: false, decodeStrings: false }).catch((error) => {
    throw new InputError([{ file: path, message: `not a zip archive: ${messageOf(error)}` }], undefined, {
      code: 'bad-archive',
    });
  });
  try {
    return { ...(await list(archive, mostUnpackedBytes)), close: async () => archive.close() };
  } catch (error) {
    archive.close();
    throw new InputError(
      [{ file: path, message: `not a complete zip archive: ${messageOf(error)}` }],
      undefined,
      { code: 'bad-archive' },
    );
  }
}

async function list(
  archive: ZipFile,
  mostUnpackedBytes: number,
): Promise<Pick<FileSet, 'files' | 'refused'>> {
  const files: SourceFile[] = [];
  const refused: { readonly file: string; readonly reason: string }[] = [];
  let totalBytes = 0;
  for await (const entry of archive.eachEntry()) {
    // Names are read as bytes, so that one bad name does not make the whole archive unreadable.
    const name = entry.fileNameRaw.toString('utf8');
    if (name.endsWith('/')) continue;
    const reason = reasonToRefuse(entry, name);
    if (reason !== undefined) {
      refused.push({ file: name, reason });
      continue;
    }
    totalBytes += entry.uncompressedSize;
    if (totalBytes > mostUnpackedBytes || files.length >= limits.files) {
      throw new Error(
        `it unpacks to more than ${shownBytes(mostUnpackedBytes)} or ${limits.files} files; nothing of it was read`,
      );
    }
    files.push({
      path: name,
      bytes: entry.uncompressedSize,
      modifiedAt: entry.getLastModDate({ timezone: 'UTC' }).getTime(),
      read: async () => await buffer(await archive.openReadStreamPromise(entry)),
    });
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files, refused };
}

function reasonToRefuse(entry: Entry, name: string): string | undefined {
  const { uncompressedSize, compressedSize } = entry;
  if (name.startsWith('/') || /^[a-z]:/i.test(name) || name.includes('\\') || name.split('/').includes('..'))
    return 'its name points outside the archive';
  if (entry.isEncrypted()) return 'it is encrypted';
  if (uncompressedSize > longestFile)
    return `it unpacks to ${uncompressedSize} bytes, which is too much for a result`;
  if (uncompressedSize > mostPacked.fromBytes && uncompressedSize > mostPacked.ratio * compressedSize)
    return `it unpacks ${compressedSize} bytes to ${uncompressedSize}, as no result does`;
  return undefined;
}
