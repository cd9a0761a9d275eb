import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Thrown if a stream or file is longer than its limit. */
export class TooLong extends Error {
  override readonly name = 'TooLong';

  constructor(maxBytes: number) {
    super(`is longer than ${shownBytes(maxBytes)}, which is the limit`);
  }
}

/** Thrown if a path is not a regular file: a pipe, a device, a socket or a folder. */
export class NotAFile extends Error {
  override readonly name = 'NotAFile';

  constructor() {
    super('is not a regular file');
  }
}

export function shownBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB'];
  let unit = 0;
  let value = bytes;
  for (; value >= 1024 && value % 1024 === 0 && unit < units.length - 1; unit++) value /= 1024;
  return `${value} ${units[unit]}`;
}

/**
 * Reads a stream, such as a response body, as text. Throws TooLong and closes the stream as soon as more than
 * `maxBytes` have arrived, because other programs may send without end.
 */
export async function textWithin(chunks: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new TooLong(maxBytes);
    parts.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(parts));
}

/** Reads the body of a `fetch` response as text. Throws TooLong, too. */
export async function bodyWithin(response: Response, maxBytes: number): Promise<string> {
  return response.body === null ? '' : await textWithin(response.body, maxBytes);
}

interface OpenOptions {
  /** Whether the last part of the path may be a link; default: true. */
  readonly followLinks?: boolean;
}

/**
 * Opens a regular file for reading. Rejects other kinds: a pipe would block until someone writes, and a device has no
 * end. Throws NotAFile, or the system's error.
 */
export async function openFile(path: string, { followLinks = true }: OpenOptions = {}): Promise<FileHandle> {
  const noLinks = followLinks ? 0 : constants.O_NOFOLLOW;
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | noLinks);
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw new NotAFile();
}

/** Reads a regular file. Throws NotAFile, TooLong before anything is read, or the system's error. */
export async function bytesOfFile(
  path: string,
  maxBytes: number,
  options: OpenOptions = {},
): Promise<Buffer<ArrayBuffer>> {
  const file = await openFile(path, options);
  try {
    const { size } = await file.stat();
    if (size > maxBytes) throw new TooLong(maxBytes);
    // A file that grows meanwhile is not read beyond the limit either.
    const parts: Buffer<ArrayBuffer>[] = [];
    let bytes = 0;
    for (;;) {
      const left = bytes < size ? size - bytes : 1 << 20;
      const part = Buffer.alloc(Math.min(left, maxBytes + 1 - bytes));
      const { bytesRead } = await file.read(part, 0, part.length, null);
      if (bytesRead === 0) return parts.length === 1 ? (parts[0] ?? part) : Buffer.concat(parts);
      bytes += bytesRead;
      if (bytes > maxBytes) throw new TooLong(maxBytes);
      parts.push(part.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
