import { randomUUID } from 'node:crypto';
import { constants, fstatSync, ftruncateSync, readSync, writeSync } from 'node:fs';
import { appendFile, type FileHandle, mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** How much of a log to keep: its beginning and end, which show why an engine did not start and why it ended. */
export interface LogBounds {
  readonly mostBytes: number;
  readonly firstBytes: number;
  readonly lastBytes: number;
}

const engineLog: LogBounds = { mostBytes: 64 * 2 ** 20, firstBytes: 4 * 2 ** 20, lastBytes: 4 * 2 ** 20 };

/** Interval between checks; a log exceeds its limit by at most what is written in between. */
const lookMs = 250;

/** After the engine has ended, stop after this many checks without growth. */
const looksAfterEnd = 4;

/**
 * Opens a log for appending. The engine can write to its folder: if it has replaced the log by a link, a pipe or a hard
 * link, that is moved aside and a new log is started.
 */
export async function openLog(path: string): Promise<FileHandle> {
  await mkdir(dirname(path), { recursive: true });
  const own = await openOwn(path);
  if (own !== undefined) return own;
  await rename(path, `${path}.replaced-${randomUUID()}`);
  const log = await open(path, appending | constants.O_EXCL);
  await log.appendFile('[this file had been replaced; the replacement was moved aside]\n');
  return log;
}

/** Appends to a log in the same way. */
export async function appendToLog(path: string, text: string): Promise<void> {
  const log = await openLog(path);
  try {
    await appendFile(log, text);
  } finally {
    await log.close();
  }
}

const appending = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;

/** Opens a regular file without other hard links; undefined for anything else. */
async function openOwn(path: string): Promise<FileHandle | undefined> {
  let log: FileHandle;
  try {
    log = await open(path, appending | constants.O_NONBLOCK);
  } catch (error) {
    const replaced = ['ELOOP', 'ENXIO', 'EISDIR'];
    if (error instanceof Error && 'code' in error && replaced.includes(String(error.code))) return undefined;
    throw error;
  }
  const found = await log.stat();
  if (found.isFile() && found.nlink === 1) return log;
  await log.close();
  return undefined;
}

/**
 * Keeps a log, which others write to, within its limits, and marks in it what was cut. Returns and closes the log some
 * checks after `ended`, when nothing is written any more.
 */
export async function keepBounded(
  log: FileHandle,
  ended: Promise<unknown>,
  bounds: LogBounds = engineLog,
): Promise<void> {
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  let cutBytes = 0;
  let sizeBefore = 0;
  let quietLooks = 0;
  try {
    while (quietLooks < looksAfterEnd) {
      const { size } = await log.stat();
      if (size > bounds.mostBytes) cutBytes = cut(log.fd, cutBytes, bounds);
      quietLooks = hasEnded && size === sizeBefore ? quietLooks + 1 : 0;
      sizeBefore = size;
      await new Promise((resolve) => setTimeout(resolve, lookMs).unref());
    }
  } finally {
    await log.close();
  }
}

/**
 * Removes the middle of a log; returns the total number of bytes cut so far. It is synchronous, so that little of what
 * is written meanwhile is lost: it may be the reason why the engine ends.
 */
function cut(fd: number, cutBefore: number, { firstBytes, lastBytes }: LogBounds): number {
  const from = fstatSync(fd).size - lastBytes;
  const last = readFrom(fd, from, lastBytes);
  const late = readFrom(fd, from + last.length, lastBytes);
  ftruncateSync(fd, firstBytes);
  const cutBytes = cutBefore + from - firstBytes;
  const mark = `\n[about ${cutBytes} bytes of the log were cut here]\n`;
  writeSync(fd, Buffer.concat([Buffer.from(mark), last.subarray(last.indexOf(10) + 1), late]));
  return cutBytes;
}

function readFrom(fd: number, position: number, mostBytes: number): Buffer {
  const buffer = Buffer.alloc(mostBytes);
  return buffer.subarray(0, readSync(fd, buffer, 0, mostBytes, position));
}
