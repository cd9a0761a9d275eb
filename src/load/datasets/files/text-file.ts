import { isUtf8 } from 'node:buffer';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type FilePlace, wrongFile } from './problem.ts';

/** A text file that is read from its beginning, in limited memory. */
export interface DatasetFile {
  readonly file: string;
  /** The first line that is not blank, truncated if it is long; '' for an empty file. */
  readonly firstLine: string;
  /** The content as UTF-8 without a byte order mark. Each chunk is only valid until the next one is requested. */
  chunks(): AsyncGenerator<Uint8Array>;
}

const chunkBytes = 1 << 20;

/** The first bytes of files that are not text, and what to do about them. */
const notText: readonly {
  readonly bytes: readonly number[];
  readonly what: string;
  readonly hint: string;
}[] = [
  { bytes: [0x1f, 0x8b], what: 'compressed with gzip', hint: 'decompress it first: gunzip --keep FILE' },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], what: 'compressed with zstd', hint: 'decompress it first: unzstd FILE' },
  {
    bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a],
    what: 'compressed with xz',
    hint: 'decompress it first: unxz --keep FILE',
  },
  {
    bytes: [0x42, 0x5a, 0x68],
    what: 'compressed with bzip2',
    hint: 'decompress it first: bunzip2 --keep FILE',
  },
  { bytes: [0x50, 0x4b, 0x03, 0x04], what: 'a zip archive', hint: 'unpack it first: unzip FILE' },
  { bytes: [0x50, 0x41, 0x52, 0x31], what: 'a Parquet file', hint: 'save it as JSON lines' },
  { bytes: [0xff, 0xfe, 0x00, 0x00], what: 'UTF-32', hint: 'save it as UTF-8' },
  { bytes: [0x00, 0x00, 0xfe, 0xff], what: 'UTF-32', hint: 'save it as UTF-8' },
];

/**
 * Opens a UTF-8 or UTF-16 file, with or without a byte order mark. Throws LoadError `file-unreadable` if it cannot be read, `bad-test` if
 * it is not text. The caller must read it to the end or dispose it.
 */
export async function openTextFile(file: string): Promise<DatasetFile & AsyncDisposable> {
  const handle = await opened(file);
  try {
    const first = Buffer.allocUnsafe(chunkBytes);
    const head = first.subarray(0, await fill(handle, first, file));
    const { what, hint } = notText.find(({ bytes }) => bytes.every((byte, at) => head[at] === byte)) ?? {};
    if (what !== undefined) throw wrongFile({ file }, `this is ${what}, expected text`, hint);
    const { encoding, markBytes } = encodingOf(head);
    const body = head.subarray(markBytes);
    const firstText = encoding === 'utf-8' ? body : transcode(encoding)(body, file);
    return {
      file,
      firstLine: firstLineOf(firstText),
      chunks: () => chunksOf(handle, first, body, encoding, file),
      [Symbol.asyncDispose]: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function opened(file: string): Promise<FileHandle> {
  // Opening a pipe must not wait for a writer.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  const found = await handle.stat();
  if (found.isFile() || found.isDirectory()) return handle;
  await handle.close();
  throw wrongFile(
    { file },
    'cannot read the dataset: it is not a regular file',
    undefined,
    'file-unreadable',
  );
}

/** Reads until the buffer is full or the file ends. */
async function fill(handle: FileHandle, into: Buffer, file: string): Promise<number> {
  let filled = 0;
  while (filled < into.length) {
    try {
      const { bytesRead } = await handle.read(into, filled, into.length - filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    } catch (error) {
      throw unreadable(file, error);
    }
  }
  return filled;
}

function unreadable(file: string, error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'no such file',
    EISDIR: 'it is a directory',
    EACCES: 'permission denied',
  };
  const known = typeof code === 'string' ? reasons[code] : undefined;
  const reason = known ?? (error instanceof Error ? error.message : String(error));
  return wrongFile(
    { file },
    `cannot read the dataset: ${reason}`,
    'check the path and its permissions',
    'file-unreadable',
  );
}

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/**
 * Determined by the byte order mark. Without one, JSON and CSV start with an ASCII character, whose other byte is 0 in
 * UTF-16.
 */
function encodingOf(head: Uint8Array): { encoding: Encoding; markBytes: number } {
  const [a, b, c] = head;
  if (a === 0xef && b === 0xbb && c === 0xbf) return { encoding: 'utf-8', markBytes: 3 };
  if (a === 0xff && b === 0xfe) return { encoding: 'utf-16le', markBytes: 2 };
  if (a === 0xfe && b === 0xff) return { encoding: 'utf-16be', markBytes: 2 };
  if (b === 0 && a !== 0 && a !== undefined) return { encoding: 'utf-16le', markBytes: 0 };
  if (a === 0 && b !== 0 && b !== undefined) return { encoding: 'utf-16be', markBytes: 0 };
  return { encoding: 'utf-8', markBytes: 0 };
}

/** Converts successive pieces of a text to UTF-8; pass undefined at the end. */
function transcode(encoding: Encoding): (bytes: Uint8Array | undefined, file: string) => Buffer {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  return (bytes, file) => {
    try {
      return Buffer.from(bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true }));
    } catch {
      throw wrongFile({ file }, `starts like ${encoding.toUpperCase()} but is not valid`, 'save it as UTF-8');
    }
  };
}

async function* chunksOf(
  handle: FileHandle,
  buffer: Buffer,
  firstBody: Buffer,
  encoding: Encoding,
  file: string,
): AsyncGenerator<Uint8Array> {
  const utf8: (bytes: Buffer | undefined, file: string) => Buffer =
    encoding === 'utf-8' ? (bytes = Buffer.alloc(0)) => bytes : transcode(encoding);
  yield utf8(firstBody, file);
  for (;;) {
    const filled = await fill(handle, buffer, file);
    if (filled === 0) break;
    yield utf8(buffer.subarray(0, filled), file);
  }
  yield utf8(undefined, file);
}

const newline = 0x0a;
const shownOfFirstLine = 2000;

function firstLineOf(bytes: Buffer): string {
  let from = 0;
  while (from < bytes.length && (bytes[from] ?? 0) <= 0x20) from++;
  const end = bytes.indexOf(newline, from);
  return bytes
    .toString('utf8', from, Math.min(end === -1 ? bytes.length : end, from + shownOfFirstLine))
    .trim();
}

/**
 * The bytes of one record as text. Throws LoadError if they are not UTF-8, because replacement characters would change
 * the prompt.
 */
export function textOf(bytes: Buffer, place: FilePlace): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw wrongFile(place, 'this is not UTF-8', 'save the file as UTF-8');
}

/** The largest record in bytes: a prompt of 16 million tokens, and the limit of memory per file. */
export const mostRecordBytes = 1 << 26;

/** The file's non-blank lines with their numbers. Throws LoadError for a line that is too long or not text. */
export async function* linesOf({
  file,
  chunks,
}: DatasetFile): AsyncGenerator<{ text: string; line: number }> {
  let rest = Buffer.alloc(0);
  let line = 0;
  const lineAt = (bytes: Buffer): { text: string; line: number } | undefined => {
    line++;
    if (bytes.length > mostRecordBytes) throw tooLong({ file, line });
    const text = textOf(bytes, { file, line }).trim();
    return text === '' ? undefined : { text, line };
  };
  for await (const chunk of chunks()) {
    const bytes = Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, from)) {
      const found = lineAt(bytes.subarray(from, end));
      if (found !== undefined) yield found;
      from = end + 1;
    }
    rest = Buffer.from(bytes.subarray(from));
    if (rest.length > mostRecordBytes) throw tooLong({ file, line: line + 1 });
  }
  const last = lineAt(rest);
  if (last !== undefined) yield last;
}

export function tooLong(place: FilePlace): Error {
  return wrongFile(
    place,
    `the value that starts here is longer than ${mostRecordBytes >> 20} MiB, which is too long for a prompt`,
    'expected one row on each line, or a JSON list of rows',
  );
}
