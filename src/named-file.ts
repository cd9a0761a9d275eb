import { bytesOfFile, NotAFile, TooLong, textWithin } from './bounded-read.ts';
import { InputError, messageOf } from './errors.ts';

/** Longer than any list, plan or result of ours. */
export const longestNamed = 64 * 1024 * 1024;

/**
 * Reads a file that the user named as text. Throws InputError for a pipe or a device, which may have no end, for a file
 * longer than `maxBytes`, and for an unreadable one.
 */
export async function textOfNamed(file: string, maxBytes: number = longestNamed): Promise<string> {
  return (await bytesOfNamed(file, maxBytes)).toString('utf8');
}

/** Reads a file that the user named as bytes. Throws InputError, too. */
export async function bytesOfNamed(file: string, maxBytes: number): Promise<Buffer<ArrayBuffer>> {
  return await bytesOfFile(file, maxBytes).catch((error: unknown) => refuse(file, error));
}

/** Reads a file that the user named, or standard input for `-`. Throws InputError, too. */
export async function textOfNamedOrInput(file: string, maxBytes: number = longestNamed): Promise<string> {
  if (file !== '-') return await textOfNamed(file, maxBytes);
  return await textWithin(process.stdin, maxBytes).catch((error: unknown) => refuse(nameOf(file), error));
}

/** The name of such a file in error messages. */
export function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file;
}

function refuse(file: string, error: unknown): never {
  const own = error instanceof TooLong || error instanceof NotAFile;
  throw new InputError(
    [{ file, message: own ? error.message : `cannot be read: ${messageOf(error)}` }],
    undefined,
    { code: 'file-unreadable' },
  );
}
